import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { guardedFetch } from "../../src/net/guardedFetch.ts";
import { createNetworkGuard } from "../../src/net/networkGuard.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const here = createNetworkGuard({ allowLoopback: true, resolve: async () => ["127.0.0.1"] });

test("connects to the address that was checked, under the name that was asked", async () => {
  const port = await serve((request, response) => response.end(`host ${request.headers.host}`));
  const answer = await guardedFetch(here, `http://anything.test:${port}/`);
  expect(answer.body.toString()).toBe(`host anything.test:${port}`);
});

test("a name that resolves otherwise the second time is refused when connecting", async () => {
  const port = await serve((_, response) => response.end("reached"));
  let asked = 0;
  const rebinding = createNetworkGuard({
    resolve: async () => ((asked += 1) === 1 ? ["93.184.216.34"] : ["127.0.0.1"]),
  });
  await expect(guardedFetch(rebinding, `http://rebind.test:${port}/`)).rejects.toMatchObject({ code: "forbidden" });
  expect(asked).toBe(2);
});

test("each redirect is checked again", async () => {
  for (const target of [
    "http://169.254.169.254/",
    "file:///etc/passwd",
    "http://10.0.0.1/",
    "http://u:p@anything.test/",
  ]) {
    const port = await serve((_, response) => response.writeHead(302, { location: target }).end());
    await expect(guardedFetch(here, `http://a.test:${port}/`)).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("credentials stay with their origin", async () => {
  const seen: Record<string, unknown>[] = [];
  const far = await serve((request, response) => {
    seen.push(request.headers);
    response.end("far");
  });
  const near = await serve((request, response) => {
    seen.push(request.headers);
    if (request.url === "/") response.writeHead(302, { location: "/same" }).end();
    else response.writeHead(307, { location: `http://b.test:${far}/` }).end();
  });
  const headers = { Authorization: "Bearer x", cookie: "a=b", "x-vendor-key": "k", accept: "text/html" };
  expect((await guardedFetch(here, `http://a.test:${near}/`, { headers })).body.toString()).toBe("far");
  expect(seen.map((one) => [one.authorization, one.cookie, one["x-vendor-key"], one.accept])).toEqual([
    ["Bearer x", "a=b", "k", "text/html"],
    ["Bearer x", "a=b", "k", "text/html"],
    [undefined, undefined, undefined, "text/html"],
  ]);
});

test("a redirect whose address is written as UTF-8 leads there, and so does one in another encoding", async () => {
  const asked: string[] = [];
  const ways: Record<string, Buffer> = { "/utf8": Buffer.from("/größe"), "/latin1": Buffer.from("/größe", "latin1") };
  const port = await serve((request, response) => {
    const way = ways[request.url ?? ""];
    if (!way) return void response.end(String(asked.push(request.url ?? "")));
    response.writeHead(302, { Location: way.toString("latin1") }).end();
  });
  for (const way of Object.keys(ways)) await guardedFetch(here, `http://anything.test:${port}${way}`);
  expect(asked).toEqual(["/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe"]);
});

test("a redirect finds the cookie that came with it, on its own site only", async () => {
  const seen: [string | undefined, string | undefined][] = [];
  const far = await serve((request, response) => {
    seen.push([request.url, request.headers.cookie]);
    response.end("far");
  });
  const near = await serve((request, response) => {
    seen.push([request.url, request.headers.cookie]);
    if (request.url === "/there") response.writeHead(302, { location: `http://b.test:${far}/far` }).end();
    else if (request.headers.cookie?.includes("seen=1")) response.writeHead(302, { location: "/there" }).end();
    else {
      const set = ["seen=1; Path=/; HttpOnly", "deep=2; Path=/deep", "tls=3; Secure", "gone=4; Max-Age=0"];
      response.writeHead(302, {
        location: "/",
        "set-cookie": [...set, "evil=5; Domain=test", "other=6; Domain=b.test"],
      });
      response.end();
    }
  });
  const answer = await guardedFetch(here, `http://a.test:${near}/`, { headers: { Cookie: "mine=0" } });
  expect(answer.body.toString()).toBe("far");
  expect(seen).toEqual([
    ["/", "mine=0"],
    ["/", "mine=0; seen=1"],
    ["/there", "mine=0; seen=1"],
    ["/far", undefined],
  ]);
});

test("a cookie for a site reaches its other hosts, and can be taken back", async () => {
  const seen: (string | undefined)[] = [];
  const port = await serve((request, response) => {
    seen.push(request.headers.cookie);
    if (request.headers.host?.startsWith("www.site.test")) {
      if (request.url === "/end") return response.end("home");
      response.writeHead(302, {
        location: "/end",
        "set-cookie": "id=; Domain=site.test; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
      });
    } else {
      const cookies = ["id=x; domain=.site.test; path=/", "host=y; path=/"];
      response.writeHead(302, { location: `http://www.site.test:${port}/`, "set-cookie": cookies });
    }
    response.end();
  });
  expect((await guardedFetch(here, `http://site.test:${port}/`)).body.toString()).toBe("home");
  expect(seen).toEqual([undefined, "id=x", undefined]);
});

test("a posted body is not carried to another origin", async () => {
  const far = await serve((_, response) => response.end());
  const near = await serve((_, response) => response.writeHead(307, { location: `http://b.test:${far}/` }).end());
  await expect(guardedFetch(here, `http://a.test:${near}/`, { method: "POST", body: "secret" })).rejects.toMatchObject({
    code: "forbidden",
  });
});

test("a loop of redirects ends", async () => {
  let hits = 0;
  const port = await serve((_, response) => {
    hits += 1;
    response.writeHead(302, { location: "/" }).end();
  });
  await expect(guardedFetch(here, `http://a.test:${port}/`, { maxRedirects: 3 })).rejects.toMatchObject({
    code: "bad_request",
  });
  expect(hits).toBe(4);
});

test("a packed bomb is cut at the limit", async () => {
  const port = await serve((_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(20_000_000))),
  );
  const answer = await guardedFetch(here, `http://a.test:${port}/`, { maxBytes: 1000 });
  expect([answer.body.length, answer.truncated]).toEqual([1000, true]);
});

test("a bomb packed several times over is cut at the limit, too", async () => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(20_000_000)));
  for (const packing of ["gzip", "gzip, gzip"]) {
    const port = await serve((_, response) => response.writeHead(200, { "content-encoding": packing }).end(bomb));
    const answer = await guardedFetch(here, `http://a.test:${port}/`, { maxBytes: 1000 });
    expect([answer.body.length, answer.truncated]).toEqual([1000, true]);
  }
});

test("a body that is packed in an unknown way comes as it is", async () => {
  const port = await serve((_, response) => response.writeHead(200, { "content-encoding": "compress" }).end("raw"));
  expect((await guardedFetch(here, `http://a.test:${port}/`)).body.toString()).toBe("raw");
});

test("a packed body that stops in the middle is timed out", async () => {
  const port = await serve((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).write(gzipSync("x".repeat(1000)).subarray(0, 12));
  });
  await expect(guardedFetch(here, `http://a.test:${port}/`, { timeoutMs: 200 })).rejects.toMatchObject({
    code: "timed_out",
  });
  const short = await serve((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).write("\x1f");
  });
  await expect(guardedFetch(here, `http://a.test:${short}/`, { timeoutMs: 200 })).rejects.toMatchObject({
    code: "timed_out",
  });
});

test("a server that hangs is timed out, and an abort ends the request with its own reason", async () => {
  const port = await serve(() => {});
  await expect(guardedFetch(here, `http://a.test:${port}/`, { timeoutMs: 100 })).rejects.toMatchObject({
    code: "timed_out",
  });
  const abort = new AbortController();
  const pending = guardedFetch(here, `http://a.test:${port}/`, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(pending).rejects.toThrow("enough");
});

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createLine, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { plainFetch } from "../../src/net/plainFetch.ts";

const NO_REDIRECT = { method: "POST", body: "{}", redirect: "error" } as const;

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer((request, response) => void listener(request, response));
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets };
}

test("says what it is given, and takes what comes", async () => {
  const { url } = await serve((request, response) => {
    request.setEncoding("utf8").on("data", (body: string) => {
      const { host: _host, connection: _connection, ...said } = request.headers;
      response.writeHead(201, { "x-own": ["a", "b"] }).end(JSON.stringify({ said, method: request.method, body }));
    });
  });
  const answer = await plainFetch(url, { ...NO_REDIRECT, body: "öl", headers: new Headers({ "X-Key": "k" }) });
  expect(answer).toMatchObject({ ok: true, status: 201, statusText: "Created" });
  expect(answer.headers.get("x-own")).toBe("a, b");
  expect(await answer.json()).toEqual({
    said: { "accept-encoding": "gzip, deflate", "content-length": "3", "user-agent": "node", "x-key": "k" },
    method: "POST",
    body: "öl",
  });
});

test("a connection is kept for the next request", async () => {
  const { url, sockets } = await serve((_request, response) => void response.end("there"));
  for (let count = 0; count < 3; count += 1) expect(await (await plainFetch(url, NO_REDIRECT)).text()).toBe("there");
  expect(sockets).toHaveLength(1);
});

test("what is packed is unpacked, as it comes", async () => {
  let goOn = (): void => {};
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).write(gzipSync("first "));
    goOn = () => void response.end(gzipSync("second"));
  });
  const reader = (await plainFetch(url, NO_REDIRECT)).body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("first ");
  goOn();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("second");
  expect(await reader.read()).toEqual({ done: true, value: undefined });
});

test("what came together is read in one piece", async () => {
  const said = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n7\r\n second\r\n0\r\n\r\n";
  const line = createLine((socket) => socket.once("data", () => socket.end(said)));
  await new Promise<void>((resolve) => void line.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void line.close());
  const answer = await plainFetch(`http://127.0.0.1:${(line.address() as AddressInfo).port}/`, NO_REDIRECT);
  const reader = answer.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("first second");
  expect(await reader.read()).toEqual({ done: true, value: undefined });
});

test.each([false, true])(
  "what is given up is told with the reason, and its connection is closed; answered: %s",
  async (answers) => {
    const asked = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const { url } = await serve((_request, response) => {
      response.on("close", closed.resolve);
      if (answers) response.write("begun");
      asked.resolve();
    });
    const giving = new AbortController();
    const answer = plainFetch(url, { ...NO_REDIRECT, signal: giving.signal });
    const ends = answers ? (await answer).text() : answer;
    await asked.promise;
    giving.abort(new Error("no more"));
    await expect(ends).rejects.toThrow("no more");
    await closed.promise;
    await expect(plainFetch(url, { ...NO_REDIRECT, signal: giving.signal })).rejects.toThrow("no more");
  },
);

test("more than a reader takes waits at the far end", async () => {
  const PIECE = Buffer.alloc(256 * 1024);
  const ALL = 100;
  let sent = 0;
  const { url } = await serve(async (request, response) => {
    if (request.url !== "/long") return void response.end();
    for (; sent < ALL; sent += 1)
      if (!response.write(PIECE)) await new Promise((resolve) => response.once("drain", resolve));
    response.end();
  });
  const answer = await plainFetch(`${url}long`, NO_REDIRECT);
  // Meanwhile it could all have come.
  for (let count = 0; count < 200; count += 1) await (await plainFetch(url, NO_REDIRECT)).text();
  expect(sent).toBeLessThan(ALL);
  let bytes = 0;
  for await (const piece of answer.body!) bytes += piece.length;
  expect(bytes).toBe(ALL * PIECE.length);
});

test.each([
  ["to be followed elsewhere", { method: "POST", body: "{}" }],
  ["of bytes", { ...NO_REDIRECT, body: new Uint8Array([1]) }],
  ["without a body", { redirect: "error" as const }],
])("a request %s is the global fetch's", async (_what, init) => {
  const asked = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("from there"));
  onTestFinished(() => asked.mockRestore());
  expect(await (await plainFetch("http://127.0.0.1:9/", init)).text()).toBe("from there");
});

test("an address that leads elsewhere, or cannot be reached, is told as fetch tells it", async () => {
  const { url } = await serve((_request, response) => void response.writeHead(307, { location: "/on" }).end());
  const gone = await serve(() => {});
  await expect(plainFetch(url, NO_REDIRECT)).rejects.toThrow(new TypeError("fetch failed"));
  const { status, headers } = await plainFetch(url, { ...NO_REDIRECT, redirect: "manual" });
  expect([status, headers.get("location")]).toEqual([307, "/on"]);
  const failed = await plainFetch(gone.url.replace(/:\d+/, ":1"), NO_REDIRECT).catch((error: unknown) => error);
  expect(failed).toMatchObject({ message: "fetch failed", cause: { code: "ECONNREFUSED" } });
});

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openGatewayBench } from "../gateway/bench.ts";
import { fake, never, openMcpBench } from "./bench.ts";

test("a gateway is a server too: its tools over HTTP, by the newest revision that both speak", async () => {
  const gateway = await openGatewayBench();
  const url = `${gateway.gateway.url}/mcp`;
  const { servers, call } = openMcpBench({
    own: fake({}, { command: undefined, args: [], url, headers: gateway.auth }),
    locked: fake({}, { command: undefined, args: [], url, headers: { authorization: "Bearer wrong" } }),
  });
  await servers.settled(never);
  const [own, locked] = servers.list();
  expect(own).toMatchObject({ state: "ready", kind: "http", protocol: "2026-07-28", error: null });
  expect(own!.tools.map(({ name }) => name)).toContain("mcp__own__add");
  expect((await call("mcp__own__add", { a: 2, b: 3 })).text).toMatch(/^<untrusted source="mcp:own\/add">\n5\n/);
  expect(locked!.state).not.toBe("ready");
});

test("what a server lists is kept before it counts as ended", async () => {
  const gateway = await openGatewayBench();
  const own = fake({}, { command: undefined, args: [], url: `${gateway.gateway.url}/mcp`, headers: gateway.auth });
  const first = openMcpBench({ own });
  await first.servers.settled(never);
  await first.servers.close();
  const later = first.again();
  expect(later.servers.tools().map(({ name }) => name)).toContain("mcp__own__add");
});

test("a server's headers go along to no other origin", async () => {
  const came: (string | undefined)[] = [];
  const listen = async (listener: RequestListener) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => (server.closeAllConnections(), void server.close()));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const other = await listen(({ headers }, response) => {
    came.push(headers["x-team"] as string | undefined);
    response.writeHead(404).end();
  });
  const url = await listen((_request, response) => void response.writeHead(307, { location: `${other}/mcp` }).end());
  const { servers } = openMcpBench({
    led: fake({}, { command: undefined, args: [], url: `${url}/mcp`, headers: { "x-team": "a-word-of-ours" } }),
  });
  await servers.settled(never);
  expect(came.length).toBeGreaterThan(0);
  expect(came.filter((word) => word !== undefined)).toEqual([]);
});

test("an address where nobody is, one that answers with a page, and an answer without end fail in words", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/old") return void response.writeHead(405).end("Method Not Allowed");
    if (request.url === "/page") return void response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello");
    response.writeHead(200, { "content-type": "application/json" });
    const more = () => {
      if (!response.destroyed) response.write("x".repeat(1024 * 1024), more);
    };
    return more();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => (server.closeAllConnections(), void server.close()));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = (url: string) => fake({}, { command: undefined, args: [], url });
  const { servers } = openMcpBench({
    none: at("http://127.0.0.1:9/mcp"),
    page: at(`${origin}/page`),
    endless: at(`${origin}/x`),
    old: at(`${origin}/old`),
    secret: at("http://me:hidden@127.0.0.1:9/mcp"),
    // Nothing is started for these either.
    line: fake({}, { command: "npx -y server" }),
    nowhere: fake({}, { cwd: "/no/such/folder" }),
  });
  await servers.settled(never);
  expect(servers.list().map(({ state }) => state)).toEqual(Array(7).fill("failed"));
  const errors = Object.fromEntries(servers.list().map(({ name, error }) => [name, error]));
  expect(errors["old"]).toContain("(status 405). It may speak the older protocol over server-sent events alone");
  expect(errors["secret"]).toContain("Its address holds a name and a password");
  expect(JSON.stringify([errors, servers.log("secret", 9)])).not.toContain("hidden");
  expect(errors["line"]).toContain("what stands behind its name belongs into args");
  expect(errors["nowhere"]).toMatch(/could not be started in \/no\/such\/folder: there is no such folder$/);
  for (const { error } of servers.list()) expect(error!.length).toBeGreaterThan(10);
});

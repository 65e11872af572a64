import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AppError } from "../../src/base/appError.ts";
import { sayClient } from "../../src/client/sayClient.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { createClient } from "../../src/protocol/client.ts";
import type { Origin } from "../../src/protocol/message.ts";
import type { CallRecord } from "../../src/gateway/calls/routeCaller.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { listen } from "../../src/gateway/listen/listen.ts";
import { createServer as createHttp } from "node:http";
import { linkedWires } from "../../src/net/linkedWires.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";
import { expectMode } from "../posix.ts";

test("loopback is served on 127.0.0.1 and ::1, under the same port", async () => {
  const { gateway } = await openGatewayBench();
  for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
    const response = await fetch(`http://${host}:${gateway.port}/health`);
    expect(await response.json(), host).toEqual({ ok: true, status: "live" });
  }
});

test("a configured port that is taken is an error that names who has it; a default one gives way", async () => {
  const taken = await takePort("127.0.0.1");
  const { port } = taken.address() as { port: number };
  const options = { host: "127.0.0.1", port };
  const refused = await listen(createHttp, options).catch((error: unknown) => error as AppError);
  expect(refused).toMatchObject({
    code: "conflict",
    message: expect.stringContaining(`Port ${port} is taken by`) as string,
  });
  if (process.platform === "linux")
    expect((refused as AppError).message).toContain(
      `taken by ${basename(process.execPath)} (pid ${process.pid}); choose another one with --port or gateway.port`,
    );
});

test("a port of which only ::1 is taken is taken", async () => {
  const taken = await takePort("::1");
  const { port } = taken.address() as { port: number };
  await expect(listen(createHttp, { host: "localhost", port })).rejects.toMatchObject({ code: "conflict" });
  // The half that was free has been let go of again.
  const again = createServer();
  onTestFinished(() => void again.close());
  await new Promise<void>((resolve, reject) => again.once("error", reject).listen(port, "127.0.0.1", resolve));
});

test("the default port gives way to the next free one", async () => {
  const first = await listen(createHttp, { host: "127.0.0.1", port: 3000, portIsDefault: true });
  const second = await listen(createHttp, { host: "127.0.0.1", port: 3000, portIsDefault: true });
  onTestFinished(() => [...first.servers, ...second.servers].forEach((server) => server.close()));
  // Others on this machine may have some of them, and let go of one in between.
  expect(second.port).not.toBe(first.port);
  for (const { port } of [first, second]) {
    expect(port).toBeGreaterThanOrEqual(3000);
    expect(port).toBeLessThanOrEqual(3010);
  }
});

test("beyond loopback it needs TLS and strong tokens", async () => {
  const weak = [{ name: "default", value: "correct-horse-battery-staple", scope: "admin" as const }];
  const refuse = (gateway: object) => openGatewayBench({ gateway });
  await expect(refuse({ host: "0.0.0.0" })).rejects.toThrow(/needs gateway\.tls/);
  await expect(refuse({ host: "0.0.0.0", tls: "selfSigned", tokens: weak })).rejects.toThrow(
    /43 random characters; the token "default" is weaker/,
  );
  const long = weak.map((token) => ({ ...token, value: "abcdefgh".repeat(8) }));
  await expect(refuse({ host: "0.0.0.0", tls: "selfSigned", tokens: long })).rejects.toThrow(/is weaker/);
  await expect(refuse({ tls: { cert: "/nowhere/a.pem", key: "/nowhere/b.pem" } })).rejects.toThrow(
    /gateway.tls.cert cannot be read: ENOENT/,
  );
  await expect(refuse({ tokens: [] })).rejects.toThrow(/at least one token/);
});

test("TLS with a certificate of its own, for requests and wires, kept for the next start", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-tls-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const { gateway } = await openGatewayBench({
    gateway: { tls: "selfSigned", stateDir, nonce: "a-nonce-of-some-length" },
  });
  expect(gateway.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  const certificate = gateway.certificate!;
  const wire = await connectWire({ url: gateway.url, token: TOKEN, certificate, nonce: "a-nonce-of-some-length" });
  wire.close();
  await expect(connectWire({ url: gateway.url, token: TOKEN })).rejects.toMatchObject({ code: "unavailable" });
  for (const file of ["cert.pem", "key.pem"]) expectMode(join(stateDir, "tls", file), 0o600);
  const before = readFileSync(join(stateDir, "tls/cert.pem"), "utf8");
  await openGatewayBench({ gateway: { tls: "selfSigned", stateDir } });
  expect(readFileSync(join(stateDir, "tls/cert.pem"), "utf8")).toBe(before);
});

test("closing answers who waits, ends what is open with the reason, and waits for no run", async () => {
  const gate = Promise.withResolvers<void>();
  const { gateway, auth, post, model } = await openGatewayBench({ turns: [[{ wait: gate.promise }]] });
  const sent = post("/api/sessions/send", { message: "hi" });
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const stream = await fetch(`${gateway.url}/api/events`, { headers: auth });
  const wires = [await connectWire({ url: gateway.url, token: TOKEN }), gateway.connect({ via: "panel" })];
  const reasons = wires.map((wire) => new Promise<string>((resolve) => wire.onClose(resolve)));
  const closing = gateway.close("the window is closing");
  // Nobody would close what came now: it would be answered by what is closed itself, for ever.
  expect(() => gateway.connect({ via: "panel" })).toThrow("The gateway went away: the window is closing");
  const [late, served] = linkedWires();
  gateway.serve(served, { origin: { via: "panel" }, scope: "admin" });
  expect(await new Promise((resolve) => late.onClose(resolve))).toBe("the window is closing");
  await Promise.all([closing, gateway.close()]);
  expect(await sent).toMatchObject({ status: 202, body: { status: "accepted" } });
  expect(await Promise.all(reasons)).toEqual(["the window is closing", "the window is closing"]);
  expect(await stream.text()).toContain(": closed, the window is closing");
  await expect(fetch(`${gateway.url}/health`)).rejects.toThrow();
  gate.resolve();
});

test("every call is told for the audit log, by whatever door it came", async () => {
  const records: object[] = [];
  const { get, post } = await openGatewayBench({ gateway: { nonce: "n", onCall: (record) => records.push(record) } });
  await get("/api/models/list", sayClient("cli", "n"));
  await post("/api/sessions/rename", { sessionKey: "nowhere", title: "x" });
  expect(records).toMatchObject([
    { method: "models.list", status: 200, origin: { via: "cli", id: "default" } },
    { method: "sessions.rename", status: 404, origin: { via: "api", id: "default" } },
  ]);
});

test("a request that is refused at the gate is told too, without its query, and a flood of them in a line", async () => {
  const records: CallRecord[] = [];
  const clock = createFakeClock();
  const { get, raw, gateway } = await openGatewayBench({
    gateway: { clock, onCall: (record) => records.push(record) },
  });
  await get("/api/models/list?key=secret", { Authorization: "Bearer wrong" });
  await raw("GET /api/models/list HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  await raw("GET /ws HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  await get("/api/models/list", { Origin: "https://evil.example" });
  await get("/nowhere");
  const origin = { via: "api" };
  expect(records.map((record) => record.origin.id)).toEqual([undefined, undefined, undefined, undefined, "default"]);
  expect(records).toMatchObject([
    { method: "GET /api/models/list", status: 401, code: "unauthorized", origin },
    { method: "GET /api/models/list", status: 403, code: "forbidden", origin },
    { method: "GET /ws", status: 403, code: "forbidden", origin },
    { method: "GET /api/models/list", status: 403, code: "forbidden", origin },
    { method: "GET /nowhere", status: 404, code: "not_found", origin },
  ]);
  expect(JSON.stringify(records)).not.toContain("secret");
  for (let asked = 0; asked < 70; asked += 1) await fetch(`${gateway.url}/api/models/list`);
  expect(records.length).toBe(60);
  await clock.advance(60_000);
  await get("/nowhere");
  expect(records.slice(60).map(({ method }) => method)).toEqual(["15 more requests", "GET /nowhere"]);
});

test("what a token may not do is told with its name, over both wires", async () => {
  const records: CallRecord[] = [];
  const tokens = [
    { name: "default", value: TOKEN, scope: "admin" as const },
    { name: "ci", value: `${TOKEN}-of-ci`, scope: "read" as const },
  ];
  const { raw, gateway } = await openGatewayBench({ gateway: { tokens, onCall: (record) => records.push(record) } });
  const headers = { Authorization: `Bearer ${TOKEN}-of-ci`, "Content-Type": "application/json" };
  const body = JSON.stringify({ id: "ap_1", decision: "allow" });
  expect((await fetch(`${gateway.url}/api/approvals/answer`, { method: "POST", headers, body })).status).toBe(403);
  const host = new URL(gateway.url).host;
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket";
  await raw(
    `GET /api/models/list HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${headers.Authorization}\r\n${upgrade}\r\n\r\n`,
  );
  expect(records).toMatchObject([
    { method: "POST /api/approvals/answer", status: 403, origin: { via: "api", id: "ci" } },
    { method: "GET /api/models/list", status: 400, origin: { via: "api", id: "ci" } },
  ]);
});

test("a script is a script, whatever it calls itself", async () => {
  const records: { origin: Origin }[] = [];
  const { get, gateway } = await openGatewayBench({
    gateway: { nonce: "n", onCall: (record) => records.push(record) },
  });
  const answer = (await (await fetch(`${gateway.url}/health?challenge=client%20panel`)).json()) as { proof: string };
  const claims: Record<string, string>[] = [
    { "X-Pincer-Client": "panel" },
    sayClient("panel", "another"),
    { "X-Pincer-Client": "panel", "X-Pincer-Client-Proof": answer.proof },
    { ...sayClient("cli", "n"), "X-Pincer-Client": "panel" },
    sayClient("cron", "n"),
  ];
  for (const claim of claims) await get("/api/models/list", claim);
  for (const known of [{}, { nonce: "n" }]) {
    const client = createClient<Routes>(
      await connectWire({ url: gateway.url, token: TOKEN, ...known }, { via: "panel" }),
    );
    await client.call("models.list", {});
    client.close();
  }
  expect(records.map(({ origin }) => origin.via)).toEqual(["api", "api", "api", "api", "api", "api", "panel"]);
});

async function takePort(host: string): Promise<Server> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  return server;
}

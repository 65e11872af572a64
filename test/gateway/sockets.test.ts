import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { fromErrorBody } from "../../src/base/appError.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import { createClient } from "../../src/protocol/client.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Frame, Wire } from "../../src/protocol/frame.ts";
import { openGatewayBench, request, TOKEN, type GatewayBench } from "./bench.ts";

const doors: [string, (bench: GatewayBench) => Promise<Wire>][] = [
  ["/ws", (bench) => connectWire({ url: bench.gateway.url, token: TOKEN, nonce: "n" }, { via: "panel" })],
  ["a wire of the process", async (bench) => bench.gateway.connect({ via: "panel" })],
];

test.each(doors)("%s serves the routes and tells events, in order", async (_name, open) => {
  const bench = await openGatewayBench({ gateway: { nonce: "n" }, turns: [["It is ", "5."]] });
  const client = createClient<Routes>(await open(bench), { toError: fromErrorBody });
  onTestFinished(() => client.close());
  const events: GatewayEvent[] = [];
  const finished = new Promise<void>((resolve) => {
    client.onEvent((event) => {
      events.push(event);
      if (event.type === "run.finished") resolve();
    });
  });
  const { subscriptionId, lastEventId } = await client.call("events.subscribe", { sessionKey: "main" });
  expect(lastEventId).toBe(0);
  const sent = await client.call("sessions.send", { message: "2+3?" });
  expect(sent).toMatchObject({ status: "ok", reply: "It is 5." });
  await finished;
  expect(events.filter((event) => "runId" in event).map((event) => event.type)).toEqual([
    "run.started",
    "message",
    "text.delta",
    "text.delta",
    "message",
    "usage",
    "run.finished",
  ]);
  expect((await client.call("runs.list", {})).runs[0]!.origin.via).toBe("panel");
  expect(await client.call("events.unsubscribe", { subscriptionId })).toEqual({ subscriptionId });
  const before = events.length;
  await client.call("sessions.rename", { sessionKey: "main", title: "quiet" });
  await client.call("sessions.status" as "session.status", {});
  expect(events.length).toBe(before);
  await expect(client.call("events.unsubscribe", { subscriptionId })).rejects.toMatchObject({ code: "not_found" });
  await expect(client.call("sessions.history", { sessionKey: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
  await expect(client.call("sessions.list", { limit: 0 })).rejects.toMatchObject({
    code: "bad_request",
    details: [{ path: "limit" }],
  });
  await expect(client.call("nothing" as "models.list", {})).rejects.toMatchObject({ code: "not_found" });
});

test.each(doors)("%s resumes events after an id", async (_name, open) => {
  const bench = await openGatewayBench({ gateway: { nonce: "n" }, turns: [["one"]] });
  await bench.post("/api/sessions/send", { message: "x" });
  const client = createClient<Routes>(await open(bench));
  onTestFinished(() => client.close());
  const types: string[] = [];
  const done = new Promise<void>((resolve) =>
    client.onEvent((event) => (types.push(event.type), event.type === "run.finished" && resolve())),
  );
  await client.call("events.subscribe", { after: 1 });
  await done;
  expect(types).toEqual(["message", "message", "usage", "run.finished"]);
});

test("what is no frame is answered, and the wire goes on", async () => {
  const bench = await openGatewayBench({ gateway: { nonce: "n" } });
  const socket = await openSocket(bench);
  const table: [string | Buffer, string, string][] = [
    ["nonsense", "", "bad_request"],
    ["null", "", "bad_request"],
    ["[]", "", "bad_request"],
    [Buffer.from([1, 2, 3]), "", "bad_request"],
    ['{"type":"req"}', "", "bad_request"],
    ['{"type":"res","id":"1","ok":true}', "1", "bad_request"],
    ['{"type":"req","id":7,"method":"models.list"}', "", "bad_request"],
    ['{"type":"req","id":"2","method":5}', "2", "bad_request"],
    ['{"type":"req","id":"3","method":"constructor"}', "3", "not_found"],
    ['{"type":"req","id":"4","method":"models.list","params":[]}', "4", "bad_request"],
    ['{"type":"req","id":"5","method":"models.list","params":{"x":1}}', "5", "bad_request"],
    ['{"type":"req","id":"6","method":"sessions.send","params":{"message":"\\ud800"}}', "6", "bad_request"],
    [
      `{"type":"req","id":"7","method":"models.list","params":{"a":${"[".repeat(40)}${"]".repeat(40)}}}`,
      "7",
      "bad_request",
    ],
    ['{"type":"req","id":"8","method":"models.list","params":{"__proto__":{}}}', "8", "bad_request"],
  ];
  for (const [message, id, code] of table) {
    socket.send(message);
    expect(await nextFrame(socket), String(message).slice(0, 80)).toMatchObject({
      type: "res",
      id,
      ok: false,
      error: { code },
    });
  }
  socket.send('{"type":"req","id":"9","method":"models.list"}');
  expect(await nextFrame(socket)).toMatchObject({ id: "9", ok: true, payload: { count: 1 } });
});

test("a message over 1 MB closes the socket", async () => {
  const bench = await openGatewayBench();
  const socket = await openSocket(bench);
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.send("x".repeat(1024 * 1024 + 1));
  expect(await closed).toBe(1009);
});

test("a wire has only so many subscriptions", async () => {
  const bench = await openGatewayBench();
  const client = createClient<Routes>(bench.gateway.connect({ via: "panel" }), { toError: fromErrorBody });
  for (let index = 0; index < 16; index++) await client.call("events.subscribe", {});
  await expect(client.call("events.subscribe", {})).rejects.toMatchObject({ code: "conflict" });
  client.close();
});

test("an upgrade is refused in JSON, by the same checks as a request", async () => {
  const bench = await openGatewayBench();
  const upgrade = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  const table: [string, string[], number][] = [
    ["GET /ws", ["Host: evil.example"], 403],
    ["GET /ws", ["Origin: null"], 403],
    ["GET /ws", [`Origin: http://127.0.0.1:${bench.gateway.port}`], 403],
    ["GET /ws", ["Authorization: Bearer wrong"], 401],
    [`GET /ws?token=${TOKEN}`, ["Authorization: none"], 401],
    ["GET /nothing", [], 404],
    ["GET /api/models/list", [], 400],
    ["POST /ws", [], 405],
    ["GET /health", [], 400],
  ];
  for (const [start, lines, status] of table) {
    const text = await bench.raw(request(bench, start, [...upgrade, ...lines]));
    expect(text, start).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\\{"error":`));
  }
  const noKey = await bench.raw(request(bench, "GET /ws", upgrade.slice(0, 3)));
  expect(noKey).toMatch(/^HTTP\/1\.1 400 [^]*\{"error":/);
});

test("the client tells why it was refused, and knows a stranger by the nonce", async () => {
  const nonce = "a-nonce-that-only-the-state-folder-holds";
  const bench = await openGatewayBench({ gateway: { nonce } });
  await expect(connectWire({ url: bench.gateway.url, token: "wrong" })).rejects.toMatchObject({ code: "unauthorized" });
  await expect(connectWire({ url: "http://127.0.0.1:1", token: TOKEN })).rejects.toMatchObject({ code: "unavailable" });
  const wire = await connectWire({ url: bench.gateway.url, token: TOKEN, nonce });
  wire.close();
  const stranger = await openGatewayBench({ gateway: { nonce: "another-one" } });
  await expect(connectWire({ url: stranger.gateway.url, token: TOKEN, nonce })).rejects.toMatchObject({
    code: "unavailable",
  });
  await expect(
    connectWire({ url: bench.gateway.url, token: TOKEN }, { signal: AbortSignal.abort(new Error("enough")) }),
  ).rejects.toThrow("enough");
});

async function openSocket(bench: GatewayBench): Promise<WebSocket> {
  const socket = new WebSocket(`${bench.gateway.url.replace("http", "ws")}/ws`, { headers: bench.auth });
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

function nextFrame(socket: WebSocket): Promise<Frame> {
  return new Promise((resolve) =>
    socket.once("message", (data) => resolve(JSON.parse((data as Buffer).toString()) as Frame)),
  );
}

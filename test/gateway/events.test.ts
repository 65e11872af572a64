import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import { placeOf } from "../../src/protocol/eventKind.ts";
import { nextEvent } from "../core/bench.ts";
import { type GatewayBench, type Json, openGatewayBench, request } from "./bench.ts";

interface Sse {
  id: string;
  event: string;
  data: Json;
}

/** Reads an event stream until `enough` says so, or it ends. */
async function readEvents(response: Response, enough: (events: Sse[]) => boolean = () => false): Promise<Sse[]> {
  const events: Sse[] = [];
  let rest = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      if (fields.data !== undefined) events.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data) });
    }
    if (enough(events)) return events;
  }
  return events;
}

const subscribe = (bench: GatewayBench, query = "", headers: Record<string, string> = {}) =>
  fetch(`${bench.gateway.url}/api/events${query}`, { headers: { ...bench.auth, ...headers } });

test("send streams the run's events when asked, to the end", async () => {
  const bench = await openGatewayBench({ turns: [["It ", "is 5."]] });
  const response = await fetch(`${bench.gateway.url}/api/sessions/send`, {
    method: "POST",
    headers: { ...bench.auth, "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ message: "2+3?" }),
  });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
  });
  const events = await readEvents(response);
  expect(events.map(({ event }) => event)).toEqual([
    "run.started",
    "message",
    "text.delta",
    "text.delta",
    "message",
    "usage",
    "run.finished",
  ]);
  expect(events.map(({ id }) => id)).toEqual(["1", "2", "2.1", "2.2", "3", "4", "5"]);
  expect(events.map(({ data: { id, part } }) => placeOf({ id, part }))).toEqual(events.map(({ id }) => id));
  expect(events.at(-1)!.data.outcome).toEqual({ type: "done", reply: "It is 5." });
});

test("an error before the stream is an ordinary answer", async () => {
  const { post } = await openGatewayBench();
  const sent = await post(
    "/api/sessions/send",
    { message: "x", sessionKey: "nowhere" },
    { Accept: "text/event-stream" },
  );
  expect(sent).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
});

test("a stream resumes after any event, without loss and without repetition", async () => {
  const bench = await openGatewayBench({
    turns: [
      ["a", "b", "c"],
      ["d", "e"],
    ],
  });
  const first = await subscribe(bench);
  const whole = readEvents(first, (events) => events.filter(({ event }) => event === "run.finished").length === 2);
  await bench.post("/api/sessions/send", { message: "one" });
  await bench.post("/api/sessions/send", { message: "two" });
  const stored = (events: Sse[]) =>
    events
      .filter(({ data }) => data.runId !== undefined && !data.type.endsWith(".delta"))
      .map(({ id, event }) => `${id} ${event}`);
  const seen = await whole;
  const all = stored(seen);
  expect(all.length).toBeGreaterThanOrEqual(10);
  for (const [index, line] of all.slice(0, -1).entries()) {
    const id = line.split(" ")[0]!;
    const later = await subscribe(bench, "", { "Last-Event-ID": id });
    const rest = all.slice(index + 1);
    expect(stored(await readEvents(later, (events) => stored(events).length >= rest.length))).toEqual(rest);
  }
  // A delta's own id, too: of what came after it only deltas are gone.
  const delta = seen.findLast(({ event }) => event === "text.delta")!;
  expect(delta.id).toMatch(/^\d+\.\d+$/);
  const rest = all.filter((line) => Number(line.split(" ")[0]) > Number(delta.id.split(".")[0]));
  const afterDelta = await subscribe(bench, "", { "Last-Event-ID": delta.id });
  expect(stored(await readEvents(afterDelta, (events) => stored(events).length >= rest.length))).toEqual(rest);
  const byQuery = await subscribe(bench, `?after=${all[0]!.split(" ")[0]}&sessionKey=main`);
  expect(stored(await readEvents(byQuery, (events) => stored(events).length >= all.length - 1))).toEqual(all.slice(1));
});

test("a message's provider form is in no event", async () => {
  const native = {
    type: "end" as const,
    usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
    stop: "done" as const,
    native: "hidden-form",
  };
  const bench = await openGatewayBench({ turns: [["hi", native]] });
  const response = await subscribe(bench);
  const events = readEvents(response, (seen) => seen.some(({ event }) => event === "run.finished"));
  await bench.post("/api/sessions/send", { message: "x" });
  expect(JSON.stringify(await events)).not.toContain("hidden-form");
});

test("only a session's own events come when one is named", async () => {
  const bench = await openGatewayBench();
  const { sessionKey } = (await bench.post("/api/sessions/create", {})).body;
  const response = await subscribe(bench, `?sessionKey=${sessionKey}`);
  const events = readEvents(response, (seen) => seen.some(({ event }) => event === "run.finished"));
  await bench.post("/api/sessions/send", { message: "x" });
  await bench.post("/api/sessions/send", { message: "y", sessionKey });
  const keys = (await events).map(({ data }) => data.sessionKey ?? data.session?.key);
  expect(new Set(keys)).toEqual(new Set([sessionKey]));
});

test("a stream is kept alive by comments", async () => {
  const { createFakeClock } = await import("../fakes/fakeClock.ts");
  const clock = createFakeClock();
  const bench = await openGatewayBench({ gateway: { clock } });
  const socket = connect(bench.gateway.port, "127.0.0.1");
  socket.write(request(bench, "GET /api/events"));
  await seen(socket, /retry: 1000/);
  const beat = seen(socket, /: still here/);
  await clock.advance(15_000);
  await beat;
  socket.destroy();
});

test("a client that never reads is cut off, and nobody else is held up", async () => {
  const { createFakeClock } = await import("../fakes/fakeClock.ts");
  const clock = createFakeClock();
  const bench = await openGatewayBench({
    turns: Array.from({ length: 8 }, () => ["x".repeat(2_000_000)]),
    gateway: { clock },
  });
  const socket = connect(bench.gateway.port, "127.0.0.1");
  socket.write(request(bench, "GET /api/events"));
  await seen(socket, /retry: 1000/);
  socket.pause();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (let turn = 0; turn < 8; turn++) {
    expect((await bench.post("/api/sessions/send", { message: "go" })).status).toBe(200);
  }
  expect(bench.gateway.status().connections).toBe(1);
  await clock.advance(15_000);
  while (bench.gateway.status().connections > 0) await new Promise((resolve) => setImmediate(resolve));
  socket.resume();
  await closed;
});

test("when the client goes, its subscription goes", async () => {
  const bench = await openGatewayBench();
  const controller = new AbortController();
  const responses = await Promise.all(
    Array.from({ length: 20 }, () =>
      fetch(`${bench.gateway.url}/api/events`, { headers: bench.auth, signal: controller.signal }),
    ),
  );
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
  expect(bench.gateway.status().connections).toBe(20);
  controller.abort();
  while (bench.gateway.status().connections > 0) await new Promise((resolve) => setImmediate(resolve));
  // The gateway still tells others.
  const told = nextEvent(bench.core, "run.finished");
  await bench.post("/api/sessions/send", { message: "x" });
  expect(((await told) as GatewayEvent).type).toBe("run.finished");
});

function seen(socket: Socket, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let text = "";
    const onData = (chunk: Buffer) => {
      text += chunk.toString();
      if (!pattern.test(text)) return;
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
  });
}

test("whoever resumes after an event that is not there is told so, and hears what comes", async () => {
  const bench = await openGatewayBench({ turns: [["one"], ["two"]] });
  await bench.post("/api/sessions/send", { message: "first" });
  for (const [query, headers] of [
    ["", { "Last-Event-ID": "999999999" }],
    ["?after=999999999", {}],
    ["", { "Last-Event-ID": "888888888.7" }],
  ] as [string, Record<string, string>][]) {
    const stream = await subscribe(bench, query, headers);
    const told = readEvents(stream, (events) => events.some(({ event }) => event === "run.finished"));
    await bench.post("/api/sessions/send", { message: "again" });
    const events = await told;
    expect(events[0]).toMatchObject({ event: "gateway.changed" });
    expect(events[0]!.data.reason).toMatch(/^There is no event \d+: the newest is \d+\. /);
    expect(events.map(({ event }) => event)).toContain("run.started");
  }
  const known = await subscribe(bench, `?after=${bench.core.events.lastId()}`);
  const told = readEvents(known, (events) => events.some(({ event }) => event === "run.finished"));
  await bench.post("/api/sessions/send", { message: "more" });
  expect((await told).map(({ event }) => event)).not.toContain("gateway.changed");
});

test("the history shows system events without asking for tools, and no summaries", async () => {
  const { core, get } = await openGatewayBench({ turns: [["noted"]] });
  await (
    await core.jobs.wake("the build is red", { via: "cron", id: "job_1" })
  ).outcome;
  const { body } = await get("/api/sessions/history?sessionKey=main");
  expect(body.messages).toMatchObject([
    { role: "system", kind: "event", text: "the build is red", origin: { via: "cron" } },
    { role: "assistant", text: "noted" },
  ]);
});

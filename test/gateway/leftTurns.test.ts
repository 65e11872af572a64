import OpenAI from "openai";
import { expect, test } from "vitest";
import * as z from "zod";
import { AppError } from "../../src/base/appError.ts";
import { defineTool } from "../../src/core/ports/tool.ts";
import type { Run } from "../../src/core/services/submittedRun.ts";
import { nextEvent } from "../core/bench.ts";
import { failWrites } from "../core/jobs/jobsBench.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { type GatewayBench, openGatewayBench, TOKEN } from "./bench.ts";

// What a client asked for, and what becomes of it where it is cut off from the answer.

const KEY = { "Idempotency-Key": "left" };
const hello = [{ role: "user" as const, content: "hi" }];
const CHAT = "/v1/chat/completions";
const never = { wait: new Promise<never>(() => {}) };

/** Sends a request that its client can leave. */
function send({ gateway, auth }: GatewayBench, path: string, body: object, headers: Record<string, string> = KEY) {
  const leaving = new AbortController();
  const answer = fetch(gateway.url + path, {
    method: "POST",
    headers: { ...auth, "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ model: "pincer", ...body }),
    signal: leaving.signal,
  });
  answer.catch(() => {});
  return { answer, leave: () => leaving.abort() };
}

const sessionsOf = async ({ core }: GatewayBench) =>
  (await core.sessions.list({ kinds: ["isolated"], limit: 5 })).sessions.length;

test("a stream that the end of its gateway cuts off says so to its client, as does its header before the first word", async () => {
  const bench = await openGatewayBench({ turns: [["Half of", never]] });
  const openai = new OpenAI({ baseURL: `${bench.gateway.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
  const stream = await openai.chat.completions.create(
    { model: "pincer", messages: hello, stream: true },
    { headers: KEY },
  );
  const read = (async () => {
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content === "Half of") void bench.gateway.close();
  })();
  await expect(read).rejects.toThrow(/shutting down; run run_\w+ goes on/);

  const next = await openGatewayBench({ over: await bench.restart([[never]]) });
  const { waitOrStuck } = next.core.runs;
  const waits = new Promise<void>((resolve) => {
    next.core.runs.waitOrStuck = (...run) => {
      resolve();
      return waitOrStuck(...run);
    };
  });
  const { answer } = send(next, CHAT, { messages: hello, stream: true });
  await waits;
  await next.gateway.close();
  expect((await answer).status).toBe(503);
  expect((await answer).headers.get("x-should-retry")).toBe("true");
});

test("a client that came with the same key goes on when the first one leaves", async () => {
  const bench = await openGatewayBench({ turns: [[never], ["for the second"]] });
  const begun = nextEvent(bench.core, "run.started");
  const first = send(bench, CHAT, { messages: hello });
  await begun;
  const second = send(bench, CHAT, { messages: hello });
  // It has joined the first when another call that came after it is answered.
  await bench.get("/health");
  first.leave();
  expect(await (await second.answer).json()).toMatchObject({ choices: [{ message: { content: "for the second" } }] });
});

test("the key of a call that waits for no reply stands for what it began, however that ended", async () => {
  let isAlive = true;
  const first = await openGatewayBench({
    turns: [[{ fail: new AppError("provider_error", "down") }]],
    seeStore: (store) => ({
      ...store,
      putAnswer: (answer) => (isAlive ? new Promise(() => {}) : store.putAnswer(answer)),
    }),
  });
  const ended = nextEvent(first.core, "run.finished");
  const asked = { message: "hi", timeoutSeconds: 0 };
  void first.post("/api/sessions/send", asked, KEY).catch(() => {});
  const { runId } = await ended;
  isAlive = false;
  const next = await openGatewayBench({ over: await first.kill([["once more"]]) });
  expect(await next.post("/api/sessions/send", asked, KEY)).toMatchObject({
    status: 202,
    body: { status: "accepted", runId, reply: null },
  });
  expect(next.model.requests).toHaveLength(0);
});

test.each([
  { path: "/api/sessions/send", body: { message: "hi" }, again: { status: "ok", reply: "done" } },
  {
    path: "/tools/invoke",
    body: { tool: "sessions_send", args: { sessionKey: "main", message: "hi" } },
    again: { ok: true, result: { details: { status: "ok", reply: "done" } } },
  },
])(
  "what got done after all is what its key stands for, though its end could not be stored at first: $path",
  async ({ path, body, again }) => {
    const { post, store, model } = await openGatewayBench({ turns: [["done"], ["once more"]] });
    failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"));
    const first = await post(path, body, KEY);
    expect(JSON.stringify(first.body)).toContain("The disk is full");
    expect((await post(path, body, KEY)).body).toMatchObject(again);
    expect(model.requests).toHaveLength(1);
  },
);

test.each([
  { path: "/api/sessions/send", body: { message: "hi", model: "test/m" }, again: { status: "ok", reply: "done" } },
  {
    path: CHAT,
    body: { model: "pincer", messages: hello },
    again: { choices: [{ message: { content: "done" } }] },
  },
])("who asks again for a turn that waits for a full disk is told so, and it goes on: $path", async (given) => {
  const { path, body, again } = given;
  let isFull = false;
  const first = await openGatewayBench({
    turns: [[never]],
    seeStore: (store) => ({
      ...store,
      async commit(batch) {
        const facts = (batch.facts ?? []).flatMap((one) => one.facts);
        if (isFull && facts.some(({ type }) => type === "run.resumed"))
          throw new AppError("unavailable", "The disk is full; nothing was stored");
        return store.commit(batch);
      },
    }),
  });
  const begun = nextEvent(first.core, "run.started");
  void send(first, path, body);
  const { runId } = await begun;
  await first.gateway.close();
  isFull = true;
  const next = await openGatewayBench({ over: await first.restart([["done"]]) });
  expect(await next.post(path, body, KEY)).toMatchObject({
    status: 503,
    body: { error: { message: `Run ${runId} is stored and goes on as soon as it can: The disk is full` } },
  });
  isFull = false;
  expect((await next.post(path, body, KEY)).body).toMatchObject(again);
  expect(next.model.requests).toHaveLength(1);
});

test.each([
  { title: "fails", script: [[{ fail: new Error("down") }]], status: 500 },
  { title: "is done", script: [["done"]], status: 200 },
])("a session for one answer goes when its turn, taken up by the next gateway, $title", async ({ script, status }) => {
  const first = await openGatewayBench({ turns: [[never]] });
  const begun = nextEvent(first.core, "run.started");
  void send(first, CHAT, { messages: hello, store: false });
  await begun;
  await first.gateway.close();
  const second = await openGatewayBench({ over: await first.restart(script) });
  expect(await sessionsOf(second)).toBe(1);
  const removed = nextEvent(second.core, "session.deleted");
  const { answer } = send(second, CHAT, { messages: hello, store: false });
  expect((await answer).status).toBe(status);
  await removed;
});

test("a session for one answer goes once the sub-agent that it began has ended", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<Run>();
  const bench = await openGatewayBench({
    turns: [
      async ({ cacheKey: parentKey }) => {
        begun.resolve(await bench.core.sessions.send({ text: "mend it", origin: { via: "panel" }, parentKey }));
        return ["begun"];
      },
      [{ wait: gate.promise }, "mended"],
    ],
  });
  const left = Promise.withResolvers<void>();
  const remove = bench.core.sessions.delete;
  bench.core.sessions.delete = (...given) => remove(...given).finally(left.resolve);
  expect((await bench.post(CHAT, { model: "pincer", messages: hello, store: false }, KEY)).status).toBe(200);
  await left.promise;
  expect(await sessionsOf(bench)).toBe(2);
  gate.resolve();
  expect(await (await begun.promise).end).toEqual({ type: "done", reply: "mended" });
  await expect.poll(() => sessionsOf(bench)).toBe(0);
});

test("a session for one answer stays where that could not be put down, for who asks again", async () => {
  let isFull = true;
  const bench = await openGatewayBench({
    turns: [["done"], ["once more"]],
    seeStore: (store) => ({
      ...store,
      async putAnswer(answer) {
        if (isFull) throw new AppError("unavailable", "The disk is full; nothing was stored");
        await store.putAnswer(answer);
      },
    }),
  });
  const asks = { model: "pincer", messages: hello, store: false };
  const first = await bench.post(CHAT, asks, KEY);
  isFull = false;
  const removed = nextEvent(bench.core, "session.deleted");
  expect((await bench.post(CHAT, asks, KEY)).body.id).toBe(first.body.id);
  await removed;
  expect(bench.model.requests).toHaveLength(1);
});

test("a turn whose token dies while it is streamed is stopped, and its key is free", async () => {
  const tokens = ["a", "default"].map((name) => ({
    name,
    value: name === "a" ? `a-${TOKEN}` : TOKEN,
    scope: "admin" as const,
  }));
  const bench = await openGatewayBench({ turns: [["Half of", never]], gateway: { tokens } });
  const ended = nextEvent(bench.core, "run.finished");
  const auth = { Authorization: `Bearer a-${TOKEN}` };
  const { answer } = send(bench, CHAT, { messages: hello, stream: true }, { ...KEY, ...auth });
  const { body } = await answer;
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let read = "";
  while (!read.includes("Half of")) read += (await reader.read()).value ?? "";
  await bench.post("/api/gateway/token/rotate", { name: "a" });
  expect((await ended).outcome.type).toBe("cancelled");
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) read += piece.value;
  expect(read).toContain("token rotated");
  expect(await bench.store.getAnswer("a:left")).toBeUndefined();
});

test("what a client's user said stays when a later answer there is not to be stored", async () => {
  const { gateway, core } = await openGatewayBench({
    turns: [["Kept."], [call("weather", {}, "w1")], ["It rains."]],
  });
  const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
  const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object" } } }];
  await openai.chat.completions.create({ model: "pincer", messages: hello, user: "alice" });
  const asks = { model: "pincer", user: "alice", tools, store: false };
  const { choices } = await openai.chat.completions.create({ ...asks, messages: hello });
  const { message } = choices[0]!;
  const result = { role: "tool" as const, tool_call_id: message.tool_calls![0]!.id, content: "rain" };
  const last = await openai.chat.completions.create({ ...asks, messages: [...hello, message, result] });
  expect(last.choices[0]!.message.content).toBe("It rains.");
  const { sessions } = await core.sessions.list({ kinds: ["isolated"], limit: 5 });
  expect(sessions).toMatchObject([{ title: "alice" }]);
});

test("a tool that is cut off in the middle by the end of its gateway is not called once more for its key", async () => {
  const calls: AbortSignal[] = [];
  const asks = { summary: "work", reason: "works", safe: false, effects: [{ kind: "run" as const, place: "work" }] };
  const called = Promise.withResolvers<void>();
  const work = defineTool({
    name: "work",
    description: "Works.",
    input: z.object({}),
    effect: "write",
    approval: async () => ({ ...asks, subject: { type: "other", text: "work" }, protected: false }),
    run: (_, { signal }) => {
      calls.push(signal);
      called.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    },
  });
  const options = { tools: [work], settings: { approvals: "auto" as const } };
  const first = await openGatewayBench(options);
  const cut = first.post("/tools/invoke", { tool: "work", args: {} }, KEY);
  await called.promise;
  await first.gateway.close();
  const told = { status: 409, body: { ok: false, error: { type: "conflict" } } };
  expect(await cut).toMatchObject(told);
  const second = await openGatewayBench({ over: await first.restart() });
  expect(await second.post("/tools/invoke", { tool: "work", args: {} }, KEY)).toMatchObject(told);
  expect(calls).toHaveLength(1);
});

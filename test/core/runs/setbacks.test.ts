import { expect, test } from "vitest";
import { outage, refusal } from "../../../src/core/ports/providerFault.ts";
import type { Batch } from "../../../src/core/ports/batch.ts";
import type { ModelEvent } from "../../../src/core/ports/provider.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { Message } from "../../../src/protocol/message.ts";
import { call, SOME_USAGE, type Turn } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench, transcript } from "../bench.ts";

const origin = { via: "api" as const };
const end = (stop: "length" | "broken_call" | "done"): ModelEvent => ({ type: "end", usage: SOME_USAGE, stop });
const cutInCall: Turn = ["I will write the file.", call("add", { a: 1, b: 2 }), end("length")];

async function openRun(turns: Turn[]) {
  const bench = await openBench({ turns });
  const send = async (text = "go") => (await bench.core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  const last = () => bench.model.requests.at(-1)!.messages;
  return { ...bench, send, last };
}

const words = (messages: Message[]) => messages.map(({ role, text }) => `${role} ${text.slice(0, 40)}`);

test("an answer cut in the middle of a call is told to the model, which goes on", async () => {
  const { send, last, events } = await openRun([cutInCall, [call("add", { a: 1, b: 2 })], ["Written."]]);
  expect(await send()).toEqual({ type: "done", reply: "Written." });
  expect(words(last()).slice(1, 4)).toEqual([
    "assistant I will write the file.",
    "system Your answer reached the output limit in ",
    "assistant ",
  ]);
  expect(transcript(events).filter((line) => line.includes("tool.started"))).toHaveLength(1);
});

test("the third such answer in a row fails the run by name", async () => {
  const { send, model } = await openRun([cutInCall, cutInCall, cutInCall, ["never"]]);
  expect(await send()).toMatchObject({
    type: "failed",
    error: { code: "provider_error", message: expect.stringMatching(/output limit.*middle of a call of add/) },
  });
  expect(model.requests).toHaveLength(3);
  // The session goes on afterwards.
  expect(await send("again")).toEqual({ type: "done", reply: "never" });
});

test.each<[string, Turn, RegExp]>([
  ["a call that its provider could not read", [end("broken_call")], /cannot be read/],
  ["an empty answer", [end("done")], /empty answer/],
  ["an output limit before a word was said", [end("length")], /before anything was said/],
])("%s is asked for again, at most twice", async (_name, odd, failure) => {
  const once = await openRun([odd, ["fine"]]);
  expect(await once.send()).toEqual({ type: "done", reply: "fine" });
  const always = await openRun([odd, odd, odd]);
  expect(await always.send()).toMatchObject({ type: "failed", error: { message: expect.stringMatching(failure) } });
});

test.each(["broken_call", "length", "refused"] as const)(
  "calls beside an end of %s are no part of the answer",
  async (stop) => {
    const odd: Turn = [
      "I add.",
      call("add", { a: 1, b: 2 }),
      { type: "end", usage: SOME_USAGE, stop, native: [{ type: "tool_use", name: "add" }] },
    ];
    const { send, core, events } = await openRun([odd, ["fine"]]);
    expect(await send()).toEqual({ type: "done", reply: stop === "refused" ? "I add." : "fine" });
    const { messages } = await core.sessions.history("main", { limit: 9, includeTools: true });
    expect(messages[1]).toMatchObject({ role: "assistant", text: "I add.", toolCalls: [] });
    expect(messages[1]).not.toHaveProperty("native");
    expect(transcript(events).filter((line) => line.includes("tool.started"))).toEqual([]);
  },
);

test("text cut at the output limit is an answer, marked", async () => {
  const { send, core } = await openRun([["A long", end("length")]]);
  expect(await send()).toEqual({ type: "done", reply: "A long" });
  const { messages } = await core.sessions.history("main", { limit: 5, includeTools: true });
  expect(messages.at(-1)).toMatchObject({ ended: "length" });
});

test("calls get ids of their own, and names of tools that are meant", async () => {
  const { send, core, last } = await openRun([
    [call("default_api.add", { a: 1, b: 1 }, "x"), call("functions.add:1", { a: 2, b: 2 }, "x")],
    [call("add", { a: 3, b: 3 }, "x"), call("ADD", { a: 4, b: 4 }, "")],
    ["done"],
  ]);
  expect(await send()).toEqual({ type: "done", reply: "done" });
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: true });
  const ids = messages.flatMap((message) =>
    message.role === "assistant" ? message.toolCalls.map(({ id }) => id) : [],
  );
  expect(new Set(ids).size).toBe(4);
  expect(messages.flatMap((message) => (message.role === "tool" ? [message.text] : []))).toEqual(["2", "4", "6", "8"]);
  expect(last().filter(({ role }) => role === "tool")).toHaveLength(4);
});

test("arguments are taken as they are meant, and what is wrong with others is said", async () => {
  const broken = { ...call("add", {}, "z"), invalid: '{"a": 1, "b"' } as ModelEvent;
  const { send, core } = await openRun([
    [call("add<|channel|>commentary", { a: "1", b: 2 }, "x"), call("add", { a: "one", b: 2 }, "y"), broken],
    ["done"],
  ]);
  expect(await send()).toEqual({ type: "done", reply: "done" });
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: true });
  expect(messages.flatMap((message) => (message.role === "tool" ? [message.text] : [])).toSorted()).toEqual([
    "3",
    expect.stringMatching(/^The input of add is not valid JSON: Expected ':' after property name/),
    expect.stringContaining("expected number, received string"),
  ]);
});

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const image = { name: "a.png", mediaType: "image/png", data: PIXEL };

test("a history that is refused for an image is sent without it, and so it stays", async () => {
  const refused: Turn = ({ messages }) =>
    messages.some((message) => message.role === "user" && message.attachments?.some(({ name }) => name === "a.png"))
      ? [{ fail: refusal("Test refused the request (400: Could not process image)") }]
      : ["seen"];
  const { core, model } = await openRun(Array.from({ length: 9 }, () => refused));
  const send = async (text: string, attachments = [image]) =>
    (await core.sessions.send({ text, origin, sessionKey: "main", attachments })).outcome;
  expect(await send("look")).toEqual({ type: "done", reply: "seen" });
  expect(model.requests).toHaveLength(2);
  expect(model.requests[1]!.messages[0]!.text).toBe("[The image a.png is not shown to this model]\nlook");
  expect(await send("and now?", [])).toEqual({ type: "done", reply: "seen" });
  expect(model.requests).toHaveLength(3);
});

test("a history that is refused as it is, is sent as texts only", async () => {
  const strict: Turn = ({ messages }) =>
    messages.some((message) => message.role === "assistant" && message.toolCalls.length > 0)
      ? [{ fail: refusal("Test refused the request (400: messages.1: I do not like calls)") }]
      : ["fine"];
  const { send, last, model, events } = await openRun([[call("add", { a: 1, b: 2 })], strict, strict, strict, strict]);
  expect(await send()).toEqual({ type: "done", reply: "fine" });
  expect(words(last())).toEqual(["user go", 'assistant [called add with {"a":1,"b":2}]', "tool 3"]);
  expect(transcript(events).filter((line) => line.includes("texts only"))).toHaveLength(1);
  const before = model.requests.length;
  expect(await send("more")).toEqual({ type: "done", reply: "fine" });
  expect(model.requests.length).toBe(before + 1);
});

test("a refusal that plainer history does not mend is told, and is not tried for ever", async () => {
  const never: Turn = [{ fail: refusal("Test refused the request (400: your hat is crooked)") }];
  const { send, model } = await openRun([never, never, never, ["ok"]]);
  expect(await send()).toMatchObject({ type: "failed", error: { message: expect.stringContaining("hat") } });
  expect(model.requests.length).toBeLessThan(3);
});

test("a plainer history that was refused as well, or not answered, is not kept", async () => {
  const refused: Turn = [{ fail: refusal("Test refused the request (400: your account is closed)") }];
  const { send, last } = await openRun([
    [call("add", { a: 1, b: 2 })],
    ...[refused, refused, [call("add", { a: 2, b: 2 })]],
    ...[refused, [{ fail: outage("Test is down") }] as Turn, ["fine"] as Turn],
  ]);
  expect(await send()).toMatchObject({ type: "failed", error: { message: expect.stringContaining("closed") } });
  expect(await send("more")).toMatchObject({ type: "failed", error: { message: expect.stringContaining("down") } });
  expect(await send("and more")).toEqual({ type: "done", reply: "fine" });
  expect(last().flatMap((message) => (message.role === "assistant" ? message.toolCalls : []))).toHaveLength(2);
});

test("what is plain already is not asked twice, with a text beside it either", async () => {
  const refused: Turn = [{ fail: refusal("Test refused the request (400: no)") }];
  const { core, model } = await openRun([refused, refused]);
  for (const [at, attachments] of [[], [{ name: "a.txt", mediaType: "text/plain", data: "words" }]].entries()) {
    const sent = await core.sessions.send({ text: "hello", origin, attachments });
    expect(await sent.outcome).toMatchObject({ type: "failed" });
    expect(model.requests).toHaveLength(at + 1);
  }
});

test("what a stopped request has cost is counted, as its provider told and as we estimate", async () => {
  const told: ModelEvent = { type: "spent", usage: { ...SOME_USAGE, inputTokens: 500_000, outputTokens: 1 } };
  const never = new Promise<void>(() => {});
  const { core } = await openRun([
    [{ type: "sent" }, told, "x".repeat(400), { wait: never }],
    [{ type: "sent" }, { wait: never }],
  ]);
  const delta = nextEvent(core, "text.delta");
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await delta;
  await core.runs.cancel(run.id);
  await run.outcome;
  const { usage } = await core.sessions.get("main");
  expect(usage).toMatchObject({ inputTokens: 500_000, outputTokens: 100, estimated: true, costUsd: 0.5002 });
  expect((await core.usage.cost(1)).total.inputTokens).toBe(500_000);
});

test("a request that broke off before its first word counts where the provider had taken it in", async () => {
  const broken = (...before: ModelEvent[]): Turn => [{ type: "sent" }, ...before, { fail: outage("Test broke off") }];
  const { core, send } = await openRun([broken(), broken({ type: "taken" })]);
  expect(await send()).toMatchObject({ type: "failed" });
  expect((await core.usage.cost(1)).total.inputTokens).toBe(0);
  expect(await send()).toMatchObject({ type: "failed" });
  expect((await core.usage.cost(1)).total.inputTokens).toBeGreaterThan(0);
  expect((await core.sessions.get("main")).usage).toMatchObject({ costUsd: null, estimated: true });
});

test("what was not told is not known, and counts towards a budget all the same", async () => {
  const untold: Turn = ["x".repeat(4000), { type: "end", usage: null, stop: "done" }];
  const { core } = await openBench({
    turns: Array.from({ length: 9 }, () => untold),
    settings: { budgets: { session: { usd: 0.005 } } },
  });
  const send = async () => (await core.sessions.send({ text: "go", origin, sessionKey: "main" })).outcome;
  expect(await send()).toMatchObject({ type: "done" });
  expect((await core.sessions.get("main")).usage).toMatchObject({ costUsd: null, estimated: true, outputTokens: 1000 });
  expect(await send()).toMatchObject({ type: "done" });
  expect(await send()).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
});

test("a stream without end is cut off by name", async () => {
  const piece = "x".repeat(100_000);
  const { send } = await openRun([Array.from({ length: 30 }, () => piece)]);
  expect(await send()).toMatchObject({
    type: "failed",
    error: { message: expect.stringContaining("more than 2000000 characters") },
  });
  const many = await openRun([Array.from({ length: 300 }, (_, at) => call("add", { a: at, b: 1 }, `c${at}`))]);
  expect(await many.send()).toMatchObject({
    type: "failed",
    error: { message: expect.stringContaining("200 tool calls") },
  });
  const named = await openRun([[call("add", { a: 1, b: 1 }, "c".repeat(5000))]]);
  expect(await named.send()).toMatchObject({
    type: "failed",
    error: { message: expect.stringContaining("a tool call whose id has 5000 characters") },
  });
});

test.each<[string, object]>([
  ["text", { type: "text", text: { text: "I nee" } }],
  ["thinking", { type: "thinking", text: 5 }],
  ["a call's id", { ...call("add", { a: 1, b: 1 }), id: 7 }],
  ["a call's name", { ...call("add", { a: 1, b: 1 }), name: undefined }],
])("what is no text in place of %s fails the run by name, and the session goes on", async (_what, odd) => {
  const { send } = await openRun([[odd as ModelEvent], ["fine"]]);
  expect(await send()).toMatchObject({
    type: "failed",
    error: { code: "provider_error", message: expect.stringContaining("cannot be read") },
  });
  expect(await send("again")).toEqual({ type: "done", reply: "fine" });
});

test.each([1e19, NaN, 0.5, -1])("a count of %d tokens is as one that was not told", async (inputTokens) => {
  const usage = { ...SOME_USAGE, inputTokens };
  const { core, send } = await openRun([
    [{ type: "spent", usage }, "x".repeat(400), { type: "end", usage, stop: "done" }],
    [{ type: "spent", usage }, "x", { fail: outage("Test broke off") }],
  ]);
  expect(await send()).toMatchObject({ type: "done" });
  const first = (await core.sessions.get("main")).usage;
  expect(first).toMatchObject({ outputTokens: 100, costUsd: null, estimated: true });
  expect(await send("again")).toMatchObject({ type: "failed", error: { message: "Test broke off" } });
  expect((await core.usage.cost(1)).total.inputTokens).toBeGreaterThan(first.inputTokens);
});

/** A store at which a bug of ours, or of its own, shows each time that a batch is like this. */
const faultyAt =
  (isOdd: (batch: Batch) => boolean) =>
  (store: Store): Store => ({
    ...store,
    async commit(batch) {
      if (isOdd(batch)) throw new TypeError("cannot store REAL value in INTEGER column");
      return store.commit(batch);
    },
  });

test("what the store can never take of what a run has used is left out, and the run goes on to its end", async () => {
  const { core } = await openBench({
    turns: [[call("add", { a: 1, b: 2 })], ["three"], ["fine"]],
    seeStore: faultyAt(({ usage = [] }) => usage.some(({ outputTokens }) => outputTokens === SOME_USAGE.outputTokens)),
  });
  const send = async (text: string) => (await core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  expect(await send("go")).toEqual({ type: "done", reply: "three" });
  expect(await send("again")).toEqual({ type: "done", reply: "fine" });
  expect((await core.sessions.get("main")).usage).toMatchObject({ outputTokens: 0 });
});

test("a run whose answer the store can never take fails, and the next of its session begins", async () => {
  const { core, store } = await openBench({
    turns: [["odd"], ["fine"]],
    seeStore: faultyAt(({ facts = [] }) =>
      facts.some((one) => one.facts.some((fact) => fact.type === "message" && fact.message.text === "odd")),
    ),
  });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const next = await core.sessions.send({ text: "again", origin, sessionKey: "main" });
  expect(await run.end).toMatchObject({ type: "failed", error: { code: "internal" } });
  expect(await next.outcome).toEqual({ type: "done", reply: "fine" });
  expect(await store.getRun(run.id)).toMatchObject({ state: "finished", outcome: { type: "failed" } });
});

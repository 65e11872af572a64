import { expect, test } from "vitest";
import * as z from "zod";
import { AppError } from "../../../src/base/appError.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, notes, openBench, transcript } from "../bench.ts";
import { failWrites } from "../jobs/jobsBench.ts";
import { fullAt } from "./fullStore.ts";

const origin = { via: "api" as const };

test("one message goes to the model, through a tool and back, in one ordered stream", async () => {
  const { core, events } = await openBench({ turns: [["let me ", "add", call("add", { a: 2, b: 3 })], ["It is 5."]] });
  const run = await core.sessions.send({ text: "2+3?", origin, sessionKey: "main" });
  expect(await run.outcome).toEqual({ type: "done", reply: "It is 5." });
  expect(transcript(events)).toEqual([
    "main 1 run.started",
    "main 2 message user: 2+3?",
    "main 2+ text.delta let me ",
    "main 2+ text.delta add",
    "main 3 message assistant: let me add",
    "main 4 usage",
    'main 5 tool.started add {"a":2,"b":3}',
    "main 6 tool.finished",
    "main 7 message tool: 5",
    "main 7+ text.delta It is 5.",
    "main 8 message assistant: It is 5.",
    "main 9 usage",
    "main 10 run.finished done",
  ]);
  expect(await core.sessions.get("main")).toMatchObject({
    state: "idle",
    messageCount: 4,
    usage: { inputTokens: 20, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 40 / 1e6 },
    contextTokens: 15,
  });
  const history = await core.sessions.history("main", { limit: 50, includeTools: false });
  expect(history.messages.map((message) => message.text)).toEqual(["2+3?", "let me add", "It is 5."]);
});

test("runs of one session follow each other, and those of others do not wait", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, events } = await openBench({ turns: [[{ wait: gate.promise }, "first"], ["other"], ["second"]] });
  const first = await core.sessions.send({ text: "one", origin, sessionKey: "main" });
  const other = await core.sessions.send({ text: "elsewhere", origin });
  const second = await core.sessions.send({ text: "two", origin, sessionKey: "main" });
  expect(await other.outcome).toEqual({ type: "done", reply: "other" });
  expect((await core.runs.get(second.id)).state).toBe("queued");
  gate.resolve();
  expect(await second.outcome).toEqual({ type: "done", reply: "second" });
  expect(await first.outcome).toEqual({ type: "done", reply: "first" });
  const lines = transcript(events).map((line) => line.replace(/^main \d+\+? /, ""));
  expect(lines.filter((line) => !line.startsWith("text") && line !== "usage")).toEqual([
    "run.started",
    "message user: one",
    "run.queued",
    "message assistant: first",
    "run.finished done",
    "run.started",
    "message user: two",
    "message assistant: second",
    "run.finished done",
  ]);
});

test("a message that waits while the disk is full as its turn comes waits on, and is told why; then it stands in the history", async () => {
  const gate = Promise.withResolvers<void>();
  // The start of the first is stored with its message: it is only refused where it waited.
  const full = fullAt("run.started");
  const { core, store, events } = await openBench({ seeStore: full, turns: [[{ wait: gate.promise }, "a"], ["b"]] });
  await core.sessions.send({ text: "one", origin, sessionKey: "main" });
  const second = await core.sessions.send({ text: "two", origin, sessionKey: "main" });
  gate.resolve();
  expect(await second.outcome).toEqual({ type: "done", reply: "b" });
  expect((await second.stuck).message).toBe(
    `Run ${second.id} is stored and goes on as soon as it can: The disk is full`,
  );
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: false });
  expect(messages.map(({ text }) => text)).toEqual(["one", "a", "two", "b"]);
  const own = events.filter((event) => "runId" in event && event.runId === second.id && !("part" in event));
  expect(own.map(({ type }) => type)).toEqual([
    "run.queued",
    "run.started",
    "message",
    "message",
    "usage",
    "run.finished",
  ]);
  expect((await store.getRun(second.id))?.state).toBe("finished");
});

test("a run that waits for a full disk is cancelled as one that waits", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, store, model } = await openBench({ turns: [[{ wait: gate.promise }, "a"], ["never asked"]] });
  await core.sessions.send({ text: "one", origin, sessionKey: "main" });
  const second = await core.sessions.send({ text: "two", origin, sessionKey: "main" });
  // Until it was cancelled.
  failWrites(store, ({ facts = [] }) => facts.some((one) => one.facts.some(({ type }) => type === "message")), 2);
  gate.resolve();
  await second.stuck;
  second.cancel();
  expect(await second.outcome).toEqual({ type: "cancelled", reply: "" });
  expect(model.requests.length).toBe(1);
});

test("who waits for a run by its id is told that its end cannot be stored for now, or waits on, as it asks", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, store } = await openBench({ turns: [[{ wait: gate.promise }, "a"]] });
  const { id } = await core.sessions.send({ text: "one", origin, sessionKey: "main" });
  failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"));
  const told = core.runs.waitOrStuck(id, 60_000).catch((error: unknown) => error);
  const ended = core.runs.wait(id, 60_000);
  // Both wait when another look at it is over.
  await core.runs.get(id);
  gate.resolve();
  const message = `The end of run ${id} could not be stored: The disk is full`;
  expect(await told).toMatchObject({ code: "unavailable", message });
  expect((await ended).state).toBe("finished");
  expect((await core.runs.waitOrStuck(id, 60_000)).state).toBe("finished");
});

test("a run whose message a fault keeps out of the history fails, and the next one of its session begins", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, store, model } = await openBench({ turns: [[{ wait: gate.promise }, "a"], ["c"]] });
  await core.sessions.send({ text: "one", origin, sessionKey: "main" });
  const second = await core.sessions.send({ text: "two", origin, sessionKey: "main" });
  const third = await core.sessions.send({ text: "three", origin, sessionKey: "main" });
  const { commit } = store;
  store.commit = async (batch) => {
    const facts = (batch.facts ?? []).flatMap((one) => one.facts);
    if (facts.some((fact) => fact.type === "message" && fact.message.text === "two")) throw new TypeError("a fault");
    return commit(batch);
  };
  gate.resolve();
  expect(await second.end).toMatchObject({ type: "failed", error: { code: "internal" } });
  expect(await third.outcome).toEqual({ type: "done", reply: "c" });
  expect(model.requests).toHaveLength(2);
});

test("two messages sent at the same moment do not mix", async () => {
  const { core, events } = await openBench({ turns: [["a"], ["b"]] });
  const [one, two] = await Promise.all([
    core.sessions.send({ text: "one", origin, sessionKey: "main" }),
    core.sessions.send({ text: "two", origin, sessionKey: "main" }),
  ]);
  await Promise.all([one.outcome, two.outcome]);
  const messages = transcript(events).filter((line) => line.includes("message"));
  expect(messages.map((line) => line.replace(/^main \d+\+? /, ""))).toEqual([
    "message user: one",
    "message assistant: a",
    "message user: two",
    "message assistant: b",
  ]);
});

test("a cancel keeps the partial text, marked, and ends the run once", async () => {
  const never = new Promise<void>(() => {});
  const { core, events } = await openBench({ turns: [["partial", { wait: never }]] });
  const delta = nextEvent(core, "text.delta");
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await delta;
  expect(await core.runs.cancel(run.id)).toBe(true);
  expect(await run.outcome).toEqual({ type: "cancelled", reply: "partial" });
  expect(await core.runs.cancel(run.id)).toBe(false);
  expect(transcript(events).filter((line) => line.includes("run.finished"))).toEqual(["main 5 run.finished cancelled"]);
  const { messages } = await core.sessions.history("main", { limit: 5, includeTools: true });
  expect(messages.at(-1)).toMatchObject({ role: "assistant", text: "partial", ended: "stopped" });
});

test("a queued run can be cancelled at once, and its message never reaches the model", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, model } = await openBench({ turns: [[{ wait: gate.promise }]] });
  await core.sessions.send({ text: "one", origin, sessionKey: "main" });
  const second = await core.sessions.send({ text: "two", origin, sessionKey: "main" });
  second.cancel();
  expect(await second.outcome).toEqual({ type: "cancelled", reply: "" });
  gate.resolve();
  const third = await core.sessions.send({ text: "three", origin, sessionKey: "main" });
  await third.outcome;
  expect(model.requests.at(-1)!.messages.map((message) => message.text)).not.toContain("two");
});

test("a run that passes its time limit ends as timed_out", async () => {
  const clock = createFakeClock();
  const { core } = await openBench({ clock, turns: [["slow", { wait: new Promise(() => {}) }]] });
  const said = nextEvent(core, "text.delta");
  const run = await core.sessions.send({ text: "go", origin, timeoutMs: 30 });
  await said;
  await clock.advance(30);
  expect(await run.outcome).toEqual({ type: "timed_out", reply: "slow" });
});

test("a wait for a run lasts until its end is stored, though the disk is full at first", async () => {
  const { core, store } = await openBench({ turns: [["done"]] });
  failWrites(store, ({ runs = [] }) => runs.some(({ patch }) => patch.state === "finished"));
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  expect(await run.outcome).toMatchObject({ type: "failed", error: { code: "unavailable" } });
  expect(await core.runs.wait(run.id, 60_000)).toMatchObject({ state: "finished", outcome: { type: "done" } });
});

test("a provider's error is the run's outcome, and the session says so until the next run", async () => {
  const { core } = await openBench({
    turns: [[{ fail: new AppError("rate_limited", "Slow down", { retryAfterMs: 5 }) }], ["fine"]],
  });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  expect(await run.outcome).toEqual({
    type: "failed",
    error: { code: "rate_limited", message: "Slow down", retryAfterMs: 5 },
  });
  expect((await core.sessions.get("main")).state).toBe("failed");
  await (
    await core.sessions.send({ text: "again", origin, sessionKey: "main" })
  ).outcome;
  expect((await core.sessions.get("main")).state).toBe("idle");
});

test("a fault inside a provider shows no more than a request id", async () => {
  const { core } = await openBench({ turns: [[{ fail: new TypeError("secret /home/me/x") }]] });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const outcome = await run.outcome;
  expect(outcome).toMatchObject({ type: "failed", error: { code: "internal", requestId: run.id } });
  expect(JSON.stringify(outcome)).not.toContain("secret");
});

test("what the model gets wrong in a call comes back to it as a result it can act on", async () => {
  const broken = defineTool({
    name: "broken",
    description: "",
    input: z.object({}),
    effect: "read",
    run: async () => Promise.reject(new TypeError("x")),
  });
  const refusing = defineTool({
    name: "refusing",
    description: "",
    input: z.object({}),
    effect: "read",
    run: async () => Promise.reject(new AppError("not_found", "No such file: a.txt")),
  });
  const { core } = await openBench({
    tools: [broken, refusing],
    turns: [[call("nope", {}), call("broken", { a: 1 }), call("refusing", {}), call("refusing", "[", "c4")], ["done"]],
  });
  await (
    await core.sessions.send({ text: "go", origin, sessionKey: "main" })
  ).outcome;
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: true });
  const results = new Map(messages.flatMap((message) => (message.role === "tool" ? [[message.callId, message]] : [])));
  expect(results.get("call_nope")).toMatchObject({
    isError: true,
    text: expect.stringContaining("There are: broken, refusing"),
  });
  expect(results.get("call_broken")).toMatchObject({
    isError: true,
    text: expect.stringContaining("fault inside the tool"),
  });
  expect(results.get("call_refusing")).toMatchObject({ isError: true, text: "No such file: a.txt" });
  expect(results.get("c4")).toMatchObject({ isError: true, text: expect.stringContaining("not valid") });
});

test("calls of one step run side by side", async () => {
  const both = Promise.withResolvers<void>();
  let running = 0;
  const meet = defineTool({
    name: "meet",
    description: "",
    input: z.object({}),
    effect: "read",
    run: async () => {
      if (++running === 2) both.resolve();
      await both.promise;
      return { text: "met" };
    },
  });
  const { core } = await openBench({
    tools: [meet],
    turns: [[call("meet", {}, "m1"), call("meet", {}, "m2")], ["done"]],
  });
  expect(await (await core.sessions.send({ text: "go", origin })).outcome).toEqual({ type: "done", reply: "done" });
});

test("an endless loop of calls ends at the step limit", async () => {
  const turns = Array.from({ length: 20 }, (_, index) => [call("add", { a: 1, b: 1 }, `c${index}`)]);
  const { core, model } = await openBench({ turns, settings: { maxSteps: 4 } });
  const run = await core.sessions.send({ text: "go", origin });
  expect(await run.outcome).toMatchObject({ type: "failed", error: { code: "budget_exhausted" } });
  expect(model.requests).toHaveLength(4);
});

test("a write waits for approval; allow runs it, deny tells the model", async () => {
  notes.length = 0;
  const { core, events } = await openBench({
    turns: [[call("note", { text: "a" }, "n1")], [call("note", { text: "b" }, "n2")], ["done"]],
  });
  const first = nextEvent(core, "approval.asked");
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const { approval } = await first;
  expect((await core.sessions.get("main")).state).toBe("waiting");
  expect(await core.approvals.list("main")).toEqual([approval]);
  expect(approval).toMatchObject({
    tool: "note",
    summary: "note a",
    reason: "takes a note",
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const second = nextEvent(core, "approval.asked");
  await core.approvals.answer(approval.id, "allow", "panel");
  await core.approvals.answer((await second).approval.id, "deny", "panel");
  await run.outcome;
  expect(notes).toEqual(["a"]);
  expect(transcript(events).filter((line) => line.includes("answered"))).toHaveLength(2);
  await expect(core.approvals.answer(approval.id, "allow", "panel")).rejects.toMatchObject({ code: "not_found" });
});

test("allow for the session covers what its rule covers, but never what is protected", async () => {
  notes.length = 0;
  const { core } = await openBench({
    turns: [
      [call("note", { text: "a" }, "n1")],
      [call("note", { text: "a" }, "n2")],
      [call("note", { text: "secret" }, "n3")],
      ["done"],
    ],
  });
  const first = nextEvent(core, "approval.asked");
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const asked = await first;
  const next = nextEvent(core, "approval.asked");
  await core.approvals.answer(asked.approval.id, "allow_session", "panel");
  const { approval } = await next;
  expect(approval.summary).toBe("note secret");
  await core.approvals.answer(approval.id, "deny", "panel");
  await run.outcome;
  expect(notes).toEqual(["a", "a"]);
});

test("an approval that nobody answers counts as denied, and the run goes on", async () => {
  const { core } = await openBench({
    settings: { approvalTimeoutMs: 20 },
    turns: [[call("note", { text: "a" })], ["went on"]],
  });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  expect(await run.outcome).toEqual({ type: "done", reply: "went on" });
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: true });
  expect(messages.find((message) => message.role === "tool")).toMatchObject({
    isError: true,
    text: expect.stringContaining("Nobody answered"),
  });
});

test("a cancel takes a waiting approval with it", async () => {
  const { core } = await openBench({ turns: [[call("note", { text: "a" })]] });
  const asked = nextEvent(core, "approval.asked");
  const run = await core.sessions.send({ text: "go", origin });
  await asked;
  run.cancel();
  expect(await run.outcome).toMatchObject({ type: "cancelled" });
  expect(await core.approvals.list()).toEqual([]);
});

test("unknown sessions, parents, models and folders are refused, and leave nothing behind", async () => {
  const { core } = await openBench();
  const before = (await core.sessions.list({ limit: 10 })).sessions.length;
  await expect(core.sessions.send({ text: "x", origin, sessionKey: "nope" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(core.sessions.send({ text: "x", origin, parentKey: "nope" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(core.sessions.send({ text: "x", origin, model: "nope/x" })).rejects.toMatchObject({
    code: "bad_request",
  });
  await expect(core.sessions.send({ text: "x", origin, workspace: "/etc" })).rejects.toMatchObject({
    code: "bad_request",
  });
  expect((await core.sessions.list({ limit: 10 })).sessions).toHaveLength(before);
});

import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { ToolMessage } from "../../../src/protocol/message.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";
import { fullAt } from "./fullStore.ts";

const origin = { via: "api" as const };

/** A tool that has an effect as soon as it begins, and ends when it is told to. */
function createLaunch() {
  const launched: string[] = [];
  const begun = Promise.withResolvers<void>();
  const tool = defineTool({
    name: "launch",
    description: "",
    input: z.object({ name: z.string() }),
    effect: "exec",
    approval: async () => undefined,
    run: async ({ name }, { signal }) => {
      launched.push(name);
      begun.resolve();
      await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
      return { text: "" };
    },
  });
  return { tool, launched, begun: begun.promise };
}

async function results({ core }: Bench): Promise<[string, string, ToolMessage["notRun"]][]> {
  const { messages } = await core.sessions.history("main", { limit: 100, includeTools: true });
  return messages
    .filter((message) => message.role === "tool")
    .map(({ callId, text, notRun }: ToolMessage) => [callId, text, notRun]);
}

const UNKNOWN = "Stopped: the effect of this call is unknown.";

test("a stop ends the request before anything of it is told, keeps what was said, and needs no time to pass", async () => {
  const steps: string[] = [];
  const ends = (_request: unknown, signal: AbortSignal) => {
    signal.addEventListener("abort", () => steps.push("the request is closed"));
    return ["Once upon ", { wait: new Promise(() => {}) }];
  };
  // A clock that stands still: what waited for any time at all would never come.
  const bench = await openBench({ clock: createFakeClock(), turns: [ends] });
  const spoken = nextEvent(bench.core, "text.delta");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await spoken;
  bench.core.events.on(({ type }) => steps.push(type));
  expect(await bench.core.runs.cancel(run.id)).toBe(true);
  expect((await run.outcome).type).toBe("cancelled");
  expect(steps[0]).toBe("the request is closed");
  const { messages } = await bench.core.sessions.history("main", { limit: 100, includeTools: true });
  expect(messages.at(-1)).toMatchObject({ role: "assistant", text: "Once upon " });
});

test("a call that was stopped has a result, and is not made again by the next message", async () => {
  const { tool, launched, begun } = createLaunch();
  const bench = await openBench({ tools: [tool], turns: [[call("launch", { name: "one" })], ["hello"]] });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await begun;
  run.cancel();
  expect((await run.outcome).type).toBe("cancelled");
  expect(await results(bench)).toEqual([["call_launch", UNKNOWN, undefined]]);
  const next = await bench.core.sessions.send({ text: "hello", origin, sessionKey: "main" });
  expect(await next.outcome).toEqual({ type: "done", reply: "hello" });
  expect(launched).toEqual(["one"]);
  // In its place: the call's result before what the user said next.
  expect(bench.model.requests[1]!.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
});

test.each(["cancelled", "timed_out"] as const)(
  "a call that came to its end all the same says what it did: %s",
  async (how) => {
    const begun = Promise.withResolvers<void>();
    const late = defineTool({
      name: "late",
      description: "",
      input: z.object({}),
      effect: "write",
      approval: async () => undefined,
      run: async (_input, { signal }) => {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return { text: "Changed a.ts" };
      },
    });
    const clock = createFakeClock();
    const bench = await openBench({ tools: [late], clock, turns: [[call("late", {})]] });
    const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", timeoutMs: 1000 });
    await begun.promise;
    if (how === "cancelled") run.cancel();
    else await clock.advance(1000);
    expect((await run.outcome).type).toBe(how);
    expect(await results(bench)).toEqual([["call_late", "Changed a.ts", undefined]]);
  },
);

test("nor by a message that waited behind it, nor after a restart", async () => {
  const { tool, launched, begun } = createLaunch();
  const bench = await openBench({ tools: [tool], turns: [[call("launch", { name: "one" })], ["second"]] });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await begun;
  const waiting = await bench.core.sessions.send({ text: "and then", origin, sessionKey: "main" });
  run.cancel();
  expect(await waiting.outcome).toEqual({ type: "done", reply: "second" });
  const after = await bench.restart([["third"]]);
  const last = await after.core.sessions.send({ text: "hello", origin, sessionKey: "main" });
  expect(await last.outcome).toEqual({ type: "done", reply: "third" });
  expect(launched).toEqual(["one"]);
});

test("a time limit closes the calls it stopped", async () => {
  const { tool, launched, begun } = createLaunch();
  const clock = createFakeClock();
  const bench = await openBench({ tools: [tool], clock, turns: [[call("launch", { name: "one" })], ["after"]] });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", timeoutMs: 1000 });
  await begun;
  await clock.advance(1000);
  expect((await run.outcome).type).toBe("timed_out");
  await (
    await bench.core.sessions.send({ text: "hello", origin, sessionKey: "main" })
  ).outcome;
  expect(launched).toEqual(["one"]);
  const text = "Stopped at the run's time limit: the effect of this call is unknown.";
  expect(await results(bench)).toEqual([["call_launch", text, undefined]]);
});

test("a call that waited for an answer when the time was over says so", async () => {
  const clock = createFakeClock();
  const bench = await openBench({ clock, turns: [[call("note", { text: "later" })]] });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main", timeoutMs: 1000 });
  await asked;
  await clock.advance(1000);
  expect((await run.outcome).type).toBe("timed_out");
  expect(await results(bench)).toEqual([["call_note", "Not run: the run passed its time limit before.", "stopped"]]);
});

test.each([
  ["tool.started", "Not run: the run failed before.", "stopped"],
  ["tool.finished", "The run failed before this had a result: the effect of this call is unknown.", undefined],
] as const)("nobody stopped a call whose run failed at its %s", async (type, text, notRun) => {
  const bench = await openBench({ seeStore: fullAt(type), turns: [[call("add", { a: 2, b: 3 })]] });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  expect((await run.outcome).type).toBe("failed");
  expect(await results(bench)).toEqual([["call_add", text, notRun]]);
});

test("a call that waited for an answer is not asked for again after the stop, and says that it never ran", async () => {
  const bench = await openBench({ turns: [[call("note", { text: "later" })], ["fine"]] });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await asked;
  run.cancel();
  await run.outcome;
  const next = await bench.core.sessions.send({ text: "never mind", origin, sessionKey: "main" });
  expect(await next.outcome).toEqual({ type: "done", reply: "fine" });
  expect(await bench.core.approvals.list()).toEqual([]);
  expect(await results(bench)).toEqual([["call_note", "Not run: the run was stopped before.", "stopped"]]);
});

test("a denied call says so, and the time that an answer took is not the tool's", async () => {
  const clock = createFakeClock();
  const bench = await openBench({
    clock,
    turns: [[call("note", { text: "no" }, "c1")], [call("note", { text: "yes" }, "c2")], ["fine"]],
  });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  for (const decision of ["deny", "allow"] as const) {
    while ((await bench.core.approvals.list()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5000);
    await bench.core.approvals.answer((await bench.core.approvals.list())[0]!.id, decision, "panel");
  }
  await run.outcome;
  const { messages } = await bench.core.sessions.history("main", { limit: 100, includeTools: true });
  expect(messages.filter(({ role }) => role === "tool")).toMatchObject([
    { callId: "c1", isError: true, notRun: "denied", durationMs: 0 },
    { callId: "c2", isError: false, durationMs: 0 },
  ]);
});

import { expect, test } from "vitest";
import type { HookCall, Hooks } from "../../../src/core/ports/outside/hooks.ts";
import type { HookEnd } from "../../../src/protocol/hooks/ownHook.ts";
import { call, type Piece, type Turn } from "../../fakes/scriptedProvider.ts";
import { jobByHand } from "../jobs/jobsBench.ts";
import { add, nextEvent, note, notes, openBench, transcript } from "../bench.ts";

const origin = { via: "api" } as const;
const never: Piece = { wait: new Promise(() => {}) };

/** Hooks that note what they are told, and answer by a script. */
function scripted(answer: (call: HookCall) => Partial<HookEnd> = () => ({})) {
  const calls: HookCall[] = [];
  const waiting: (() => void)[] = [];
  const hooks: Hooks = {
    has: () => true,
    async call(told) {
      calls.push(told);
      for (const resolve of waiting.splice(0)) resolve();
      return [{ moment: told.moment, hook: "h", outcome: "ok", durationMs: 0, ...answer(told) }];
    },
  };
  const moments = () => calls.map(({ moment, tool }) => [moment, tool].filter(Boolean).join(" "));
  return { hooks, calls, moments };
}

const turns = (): Turn[] => [[call("add", { a: 1, b: 2 }, "c1")], ["Three."]];

test("hooks are told of a message, of a tool before and after it, and of a run's end", async () => {
  const { hooks, calls, moments } = scripted();
  const { core, folder, events } = await openBench({ turns: turns(), hooks });
  const run = await core.sessions.send({ text: "1+2?", origin, sessionKey: "main" });
  await run.outcome;
  await expect.poll(moments).toEqual(["messageReceived", "beforeTool add", "afterTool add", "runFinished"]);
  const about = { runId: run.id, sessionKey: "main", origin, workspace: folder };
  const [message, before, after, finished] = calls.map(({ body }) => body);
  expect(message).toEqual({ ...about, role: "user", text: "1+2?" });
  expect(before).toEqual({ ...about, tool: "add", callId: "c1", input: { a: 1, b: 2 } });
  expect(after).toEqual({ ...before, isError: false, text: "3", durationMs: expect.any(Number) as number });
  expect(finished).toEqual({ ...about, outcome: { type: "done", reply: "Three." } });
  expect(transcript(events).filter((line) => line.includes("hook") || line.includes("run.finished"))).toEqual([
    expect.stringContaining("hook.finished"),
    expect.stringContaining("hook.finished"),
    expect.stringContaining("run.finished done"),
  ]);
  expect(events.filter(({ type }) => type === "hook.ended")).toMatchObject([
    { moment: "messageReceived", outcome: "ok", by: run.id },
    { moment: "runFinished", outcome: "ok", by: run.id },
  ]);
});

test("hooks are told of a message that is only noted, once, and not of what a job announces", async () => {
  const { hooks, calls } = scripted();
  const { core, folder } = await openBench({ turns: [["done"]], hooks });
  await core.jobs.note("The build is red", { via: "webhook", id: "wake" });
  await expect.poll(() => calls.length).toBe(1);
  expect(calls[0]).toMatchObject({ moment: "messageReceived", folder });
  expect(calls[0]!.body).toEqual({
    runId: expect.stringMatching(/^note_/) as string,
    sessionKey: "main",
    origin: { via: "webhook", id: "wake" },
    workspace: folder,
    role: "system",
    text: "The build is red",
  });
  const job = await core.jobs.add(jobByHand({ delivery: { mode: "announce" } }), origin);
  await core.jobs.run(job.id);
  await expect
    .poll(async () => (await core.jobs.firings({ jobId: job.id, limit: 1 }))[0]?.delivery?.status)
    .toBe("delivered");
  expect(calls.filter(({ moment }) => moment === "messageReceived").map(({ body }) => body.text)).toEqual([
    "The build is red",
    "look",
  ]);
});

test("a call that a hook denies, or that cannot be asked about, is not made, and nobody is asked", async () => {
  const ends: Partial<HookEnd>[] = [
    { outcome: "denied", reason: "not on Fridays" },
    { outcome: "failed", reason: "It took longer than 1 s" },
  ];
  const { hooks, moments } = scripted(({ moment }) => (moment === "beforeTool" ? ends.shift()! : {}));
  const { core, model, events } = await openBench({
    turns: [[call("note", { text: "a" }, "1")], [call("note", { text: "b" }, "2")], ["ok"]],
    tools: [note],
    hooks,
  });
  const before = notes.length;
  await (
    await core.sessions.send({ text: "go", origin, sessionKey: "main" })
  ).outcome;
  expect(notes).toHaveLength(before);
  const results = model.requests.at(-1)!.messages.filter(({ role }) => role === "tool");
  expect(results).toMatchObject([
    {
      notRun: "denied",
      isError: true,
      text: expect.stringContaining("The hook h of the user denied this call: not on Fridays") as string,
    },
    {
      notRun: "denied",
      text: expect.stringContaining("which has to allow this call, failed: It took longer than 1 s") as string,
    },
  ]);
  expect(events.some(({ type }) => type === "approval.asked" || type === "tool.started")).toBe(false);
  // What was not done has no after.
  expect(moments()).not.toContain("afterTool note");
});

test("one after a tool that fails is told, and the run goes on", async () => {
  const { hooks } = scripted(({ moment }) =>
    moment === "afterTool" ? { outcome: "failed", reason: "no prettier" } : {},
  );
  const { core, events } = await openBench({ turns: turns(), hooks });
  const outcome = await (await core.sessions.send({ text: "1+2?", origin, sessionKey: "main" })).outcome;
  expect(outcome).toMatchObject({ type: "done", reply: "Three." });
  expect(transcript(events).join("\n")).toContain("run.notice The hook h after add failed: no prettier");
});

test("calls by hand and those of sub-agents' runs are told as well; a run that is cancelled before it began has an end", async () => {
  const { hooks, moments } = scripted(({ tool }) => (tool === "add" ? { outcome: "denied", reason: "no" } : {}));
  const { core } = await openBench({ turns: [[never]], hooks });
  const signal = new AbortController().signal;
  const { text } = await core.tools.invoke({ sessionKey: "main", name: "add", input: { a: 1, b: 2 }, origin, signal });
  expect(text).toContain("denied this call: no");
  await core.sessions.send({ text: "long", origin, sessionKey: "main" });
  const queued = await core.sessions.send({ text: "later", origin, sessionKey: "main" });
  await core.runs.cancel(queued.id);
  await queued.outcome;
  await expect.poll(moments).toEqual(["beforeTool add", "messageReceived", "messageReceived", "runFinished"]);
});

test("what a hook has let pass it is not asked about again after a restart", async () => {
  const first = scripted();
  const bench = await openBench({
    turns: [[call("note", { text: "x" }, "n1")], ["done"]],
    tools: [add, note],
    hooks: first.hooks,
  });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await asked;
  expect(first.moments()).toEqual(["messageReceived", "beforeTool note"]);
  first.calls.length = 0;
  const later = await bench.restart([["done"]]);
  await expect.poll(async () => (await later.core.approvals.list()).length).toBe(1);
  const [approval] = await later.core.approvals.list();
  await later.core.approvals.answer(approval!.id, "allow", "panel");
  await later.core.runs.wait(run.id, 60_000);
  await expect.poll(first.moments).toEqual(["afterTool note", "runFinished"]);
});

import { expect, test } from "vitest";
import * as z from "zod";
import { flat } from "../../../src/base/flat.ts";
import { placeOf } from "../../../src/protocol/eventKind.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { TREE_LIMITS } from "../../../src/protocol/run.ts";
import { sessionsSend } from "../../../src/tools/index.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { add, nextEvent, openBench, transcript } from "../bench.ts";
import { fullAt } from "./fullStore.ts";

const origin = { via: "api" as const };
const never = new Promise<void>(() => {});

test("a run that was streaming goes on after a restart, and starts and ends once", async () => {
  const first = await openBench({ turns: [["half", { wait: never }]] });
  const delta = nextEvent(first.core, "text.delta");
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await delta;
  const second = await first.restart([["whole"]]);
  expect((await second.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "done", reply: "whole" });
  const stored = await second.store.listEvents({ afterId: 0, sessionKey: "main", limit: 100 });
  expect(stored.map((event) => event.type)).toEqual([
    "run.started",
    "message",
    // What the half answer has cost.
    "usage",
    "run.resumed",
    "message",
    "usage",
    "run.finished",
  ]);
  const told = [...first.events, ...second.events].filter((event) => "seq" in event);
  expect(new Set(told.map(placeOf)).size).toBe(told.length);
});

test("a run that is to go on while the disk is full for a moment waits, and goes on", async () => {
  const first = await openBench({ seeStore: fullAt("run.resumed"), turns: [["half", { wait: never }]] });
  const delta = nextEvent(first.core, "text.delta");
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await delta;
  const second = await first.restart([["whole"]]);
  expect((await second.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "done", reply: "whole" });
});

test("queued runs start after a restart, in their order", async () => {
  const first = await openBench({ turns: [[{ wait: never }]] });
  await first.core.sessions.send({ text: "one", origin, sessionKey: "main" });
  await first.core.sessions.send({ text: "two", origin, sessionKey: "main" });
  const third = await first.core.sessions.send({ text: "three", origin, sessionKey: "main" });
  const second = await first.restart([["a"], ["b"], ["c"]]);
  await second.core.runs.wait(third.id, 60_000);
  const { messages } = await second.core.sessions.history("main", { limit: 50, includeTools: false });
  expect(messages.map((message) => message.text)).toEqual(["one", "a", "two", "b", "three", "c"]);
});

test("a call that was in flight is not repeated unless it only reads", async () => {
  const ran: string[] = [];
  const effectful = (name: string, effect: "read" | "exec") =>
    defineTool({
      name,
      description: "",
      input: z.object({}),
      effect,
      approval: async () => undefined,
      run: async (_input, { signal }) => {
        ran.push(name);
        if (ran.filter((item) => item === name).length === 1)
          await new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason as Error)),
          );
        return { text: `${name} done` };
      },
    });
  const tools = [effectful("look", "read"), effectful("launch", "exec"), add];
  const first = await openBench({
    tools,
    turns: [[call("look", {}), call("launch", {}), call("add", { a: 1, b: 1 })]],
  });
  const finished = nextEvent(first.core, "tool.finished");
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await finished;
  const second = await first.restart([["end"]]);
  await second.core.runs.wait(run.id, 60_000);
  expect(ran).toEqual(["look", "launch", "look"]);
  const results = second.model.requests[0]!.messages.filter((message) => message.role === "tool");
  expect(results.map((message) => [message.callId, message.isError]).sort()).toEqual([
    ["call_add", false],
    ["call_launch", true],
    ["call_look", false],
  ]);
  expect(results.find((message) => message.callId === "call_launch")!.text).toContain("effect is unknown");
});

test("a call under which the gateway went down is not made again, though it only reads", async () => {
  let looks = 0;
  const look = defineTool({
    name: "look",
    description: "",
    input: z.object({}),
    effect: "read",
    run: async (_input, { signal }) => {
      looks += 1;
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    },
  });
  const first = await openBench({ tools: [look], turns: [[call("look", {})]] });
  const begun = nextEvent(first.core, "tool.started");
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await begun;
  // It never gets to say that the call ended.
  const second = await first.kill([["end"]]);
  await second.core.runs.wait(run.id, 60_000);
  expect(looks).toBe(1);
  expect(second.model.requests[0]!.messages.at(-1)).toMatchObject({
    role: "tool",
    isError: true,
    text: expect.stringContaining("not made again"),
  });
});

test("an approval that waited still waits after a restart, and its call has not run", async () => {
  const first = await openBench({ turns: [[call("note", { text: "later" })]] });
  const asked = nextEvent(first.core, "approval.asked");
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await asked;
  const second = await first.restart([["end"]]);
  while ((await second.core.approvals.list()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  await second.core.approvals.answer((await second.core.approvals.list())[0]!.id, "allow", "panel");
  expect((await second.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "done", reply: "end" });
});

test("a run that keeps taking the gateway down with it ends as interrupted", async () => {
  let bench = await openBench({ turns: [[{ wait: never }]] });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  for (let kills = 0; kills < 2; kills++) {
    bench = await bench.kill([[{ wait: never }]]);
    while (((await bench.core.runs.get(run.id)).resumes ?? 0) <= kills)
      await new Promise((resolve) => setImmediate(resolve));
  }
  bench = await bench.kill();
  expect((await bench.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "interrupted", reply: "" });
  expect((await bench.core.sessions.get("main")).state).toBe("idle");
});

test("a call of a run that ends as interrupted says so", async () => {
  let bench = await openBench({ turns: [[call("note", { text: "later" })]] });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  await asked;
  for (let kills = 0; kills < 2; kills++) {
    bench = await bench.kill();
    while (((await bench.core.runs.get(run.id)).resumes ?? 0) <= kills)
      await new Promise((resolve) => setImmediate(resolve));
  }
  bench = await bench.kill();
  expect((await bench.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "interrupted", reply: "" });
  const { messages } = await bench.core.sessions.history("main", { limit: 50, includeTools: true });
  expect(messages.at(-1)).toMatchObject({ text: "Not run: the run was interrupted before.", notRun: "stopped" });
});

test("a reader that comes late or comes back misses nothing and sees nothing twice", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, events } = await openBench({
    turns: [["a", "b", { wait: gate.promise }, "c", call("add", { a: 1, b: 2 })], ["d"]],
  });
  const run = await core.sessions.send({ text: "go", origin, sessionKey: "main" });
  while (transcript(events).length < 4) await new Promise((resolve) => setImmediate(resolve));

  const read = async (afterId: number, until: number, afterPart?: number) => {
    const seen: string[] = [];
    const ending = new AbortController();
    for await (const event of flat(core.events.subscribe({ sessionKey: "main", afterId, afterPart }, ending.signal))) {
      if (!("seq" in event)) continue;
      seen.push(...transcript([event]));
      if (seen.length >= until) break;
    }
    return seen;
  };
  const early = read(0, 12);
  const { id, part } = events.filter((event) => "seq" in event).at(-2)!;
  const midway = read(id, 9, part);
  gate.resolve();
  await run.outcome;
  const all = transcript(events);
  expect(await early).toEqual(all.slice(0, 12));
  expect(await midway).toEqual(all.slice(3, 12));
  // Afterwards the deltas are gone: their messages stand for them.
  const late = await read(0, all.filter((line) => !line.includes("delta")).length);
  expect(late).toEqual(all.filter((line) => !line.includes("delta")));
});

test("a run that is stopped by restarts, however many, goes on", async () => {
  let bench = await openBench({ turns: [[{ wait: never }]] });
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  for (let restarts = 0; restarts < 5; restarts++) {
    bench = await bench.restart([[{ wait: never }]]);
    while (((await bench.core.runs.get(run.id)).resumes ?? 0) <= restarts)
      await new Promise((resolve) => setImmediate(resolve));
  }
  bench = await bench.restart([["whole"]]);
  expect((await bench.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "done", reply: "whole" });
});

test("compaction puts a summary in front, keeps the originals, and happens before the window is full", async () => {
  const long = "x".repeat(9000);
  const { core, model } = await openBench({
    windowTokens: 16_000,
    turns: [[long], [long], [long], ["SUMMARY"], [long], ["after"]],
  });
  const send = async (text: string) => (await core.sessions.send({ text, origin, sessionKey: "main" })).outcome;
  for (const text of ["one", "two", "three"]) await send(text + long);
  await send("four");
  expect(await send("five")).toEqual({ type: "done", reply: "after" });
  const last = model.requests.at(-1)!.messages;
  expect(last[0]).toMatchObject({ role: "system", kind: "summary", text: "SUMMARY" });
  expect(last.at(-1)).toMatchObject({ role: "user", text: "five" });
  const { messages } = await core.sessions.history("main", { limit: 50, includeTools: false });
  expect(messages.filter((message) => message.role === "user")).toHaveLength(5);
});

test("one that waited for another when its gateway was killed counts among those at work again", async () => {
  const first = await openBench({ tools: [sessionsSend] });
  const { key: sessionKey } = await first.core.sessions.create({});
  first.model.turns.push([call("sessions_send", { sessionKey, message: "and you?" })], [{ wait: never }]);
  const task = { text: "go", origin, parentKey: "main", reports: {} };
  const { id } = await first.core.sessions.send(task);
  await expect.poll(async () => (await first.store.getRun(id))?.waiting).toBe(true);
  const second = await first.kill([[{ wait: never }], [{ wait: never }]]);
  await expect.poll(() => second.model.requests.length).toBe(2);
  second.settings.tree = { ...TREE_LIMITS, running: 1 };
  await expect(second.core.sessions.send(task)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("1 at once is the limit"),
  });
});

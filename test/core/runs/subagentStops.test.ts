import { expect, test } from "vitest";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { call, type Piece } from "../../fakes/scriptedProvider.ts";
import type { Bench } from "../bench.ts";
import { brought, keyOf, never, openSubagents, origin, rest, scripts, send, shown, spawn } from "./subagentBench.ts";

test("stopping a parent stops what it spawned, however deep, and wakes nobody; what is detached goes on", async () => {
  const gate = Promise.withResolvers<void>();
  const bench = await openSubagents({
    go: [[spawn("middle"), spawn("apart", { detached: true })], [never]],
    middle: [[spawn("leaf")], [never]],
    leaf: [[never]],
    apart: [[{ wait: gate.promise }, "on my own"]],
  });
  const run = await send(bench);
  await expect.poll(() => bench.core.runs.list({ states: ["running"], limit: 9 })).toHaveLength(4);
  run.cancel();
  await run.outcome;
  const ends = async () => {
    const runs = await bench.core.runs.list({ limit: 9 });
    return runs.map(({ outcome }) => outcome?.type ?? "open").toSorted();
  };
  await expect.poll(ends).toEqual(["cancelled", "cancelled", "cancelled", "open"]);
  expect(await brought(bench)).toEqual([]);
  gate.resolve();
  await rest(bench);
  expect(await brought(bench)).toEqual(["apart is done. on my own"]);
});

test("a stop that its gateway did not live to carry out is carried out by the next one", async () => {
  const first = await openSubagents({ go: [[spawn("look")], ["started"]], look: [[never]] });
  await (
    await send(first)
  ).outcome;
  const spawned = await first.store.listSpawned("main");
  await first.store.commit({ runs: spawned.map(({ id }) => ({ id, patch: { stopped: true } })) });
  const second = await first.kill(scripts({ look: [["must not be asked"]] }));
  await rest(second);
  expect(second.model.requests).toEqual([]);
  expect(await brought(second)).toEqual([]);
  expect(await second.core.runs.get(spawned[0]!.id)).toMatchObject({ outcome: { type: "cancelled" } });
});

test("a parent cancels a child, with what is below it, and no result comes", async () => {
  const told: string[] = [];
  const bench = await openSubagents({
    go: [
      [spawn("middle")],
      async () => {
        await expect.poll(() => bench.core.runs.list({ states: ["running"], limit: 9 })).toHaveLength(3);
        return [call("sessions_cancel", { sessionKey: await keyOf(bench, "middle") })];
      },
      (request) => (told.push(shown(request).at(-1)!), ["ok"]),
    ],
    middle: [[spawn("leaf")], [never]],
    leaf: [[never]],
  });
  await (
    await send(bench)
  ).outcome;
  await rest(bench);
  expect(told).toEqual(['tool: {"status":"ok","cancelled":2}']);
  expect(await brought(bench)).toEqual([]);
});

test.each(["abort", "reset", "delete"] as const)("%s of a session ends what it spawned", async (how) => {
  const bench = await openSubagents({ go: [[spawn("look")], ["started"]], look: [[never]] });
  const { key } = await bench.core.sessions.create({ title: "parent" });
  await (
    await bench.core.sessions.send({ text: "go", origin, sessionKey: key })
  ).outcome;
  await bench.core.sessions[how](key);
  await rest(bench);
  const asked = bench.model.requests.filter(({ cacheKey }) => cacheKey === key);
  expect(asked).toHaveLength(2);
});

test("a result whose session is gone meanwhile keeps the child's end from nothing", async () => {
  const gate = Promise.withResolvers<void>();
  const bench = await openSubagents({ go: [[spawn("look")], ["started"]], look: [[{ wait: gate.promise }, "found"]] });
  const { key } = await bench.core.sessions.create({ title: "parent" });
  await (
    await bench.core.sessions.send({ text: "go", origin, sessionKey: key })
  ).outcome;
  const [child] = await bench.store.listSpawned(key);
  // As another process would: behind the core's back, and without its children.
  await bench.store.commit({ sessions: [{ key: child!.sessionKey, patch: { parentKey: null } }] });
  await bench.store.deleteSession(key);
  gate.resolve();
  expect(await bench.core.runs.wait(child!.id, 60_000)).toMatchObject({ outcome: { type: "done", reply: "found" } });
});

const states = async (bench: Bench) => {
  const runs = await bench.core.runs.list({ limit: 20 });
  return runs.map(
    ({ sessionKey, state, outcome }) => `${sessionKey === "main" ? "main" : "below"} ${outcome?.type ?? state}`,
  );
};

test("a result that waits for a parent that is stopped wakes nobody; one of what is detached does", async () => {
  const bench = await openSubagents({
    go: [[spawn("look"), spawn("apart", { detached: true })], [never]],
    look: [["found"]],
    apart: [["on my own"]],
  });
  const run = await send(bench);
  await expect
    .poll(() => states(bench))
    .toEqual(["main queued", "main queued", "below done", "below done", "main running"]);
  run.cancel();
  await run.outcome;
  await rest(bench);
  expect(await brought(bench)).toEqual(["apart is done. on my own"]);
  expect(bench.model.requests.filter(({ cacheKey }) => cacheKey === "main")).toHaveLength(3);
});

test("what the result of a detached sub-agent has begun goes on, though a result behind it was stopped with its parent", async () => {
  const [found, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const bench = await openSubagents({
    go: [[spawn("look"), spawn("apart", { detached: true })], [never], [spawn("next")], ["started"]],
    look: [[{ wait: found.promise }, "found"]],
    apart: [["on my own"]],
    next: [[{ wait: done.promise }, "all of it"]],
  });
  const run = await send(bench);
  await expect.poll(() => states(bench)).toEqual(["main queued", "below done", "below running", "main running"]);
  found.resolve();
  await expect.poll(async () => (await states(bench)).filter((state) => state === "main queued")).toHaveLength(2);
  run.cancel();
  await run.outcome;
  const main = async () => (await states(bench)).filter((state) => state.startsWith("main"));
  await expect.poll(main).toEqual(["main cancelled", "main done", "main cancelled"]);
  done.resolve();
  await rest(bench);
  expect(await brought(bench)).toEqual(["apart is done. on my own", "next is done. all of it"]);
});

test.each([
  ["is at work", [never], ["below running", "main done"]],
  ["waits with its result", ["found"], ["below queued", "below done", "main done"]],
])("what a sub-agent beyond its time limit has spawned %s: its own end is told once", async (_name, leaf, at) => {
  const clock = createFakeClock();
  const bench = await openSubagents(
    {
      go: [[spawn("middle", { runTimeoutSeconds: 60 })], ["started"]],
      middle: [[spawn("leaf")], [never]],
      leaf: [leaf as Piece[]],
    },
    { clock },
  );
  await (
    await send(bench)
  ).outcome;
  await expect.poll(() => states(bench)).toEqual(expect.arrayContaining(at));
  await expect.poll(() => bench.model.requests.length).toBe(5);
  await clock.advance(60_000);
  await rest(bench);
  expect(await brought(bench)).toEqual(["middle ran into its time limit before it was done. It wrote nothing."]);
});

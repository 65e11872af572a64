import { expect, test } from "vitest";
import type { Bench } from "../bench.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import { brought, keyOf, openSubagents, rest, scripts, send, spawn } from "./subagentBench.ts";

const NAMES = ["a", "b", "c", "d"];

/** Main spawns a, that b, and so on; each ends before what it spawned, the deepest when it is let, and says more for each result. */
function chain(depth: number): { byName: Record<string, Turn[]>; gates: PromiseWithResolvers<void>[] } {
  const gates = Array.from({ length: depth }, () => Promise.withResolvers<void>());
  const byName: Record<string, Turn[]> = { go: [[spawn("a")], ["started"], ["heard"]] };
  for (const [index, name] of NAMES.slice(0, depth).entries()) {
    const below = index + 1 < depth ? NAMES[index + 1]! : undefined;
    byName[name] =
      below === undefined
        ? [[{ wait: gates[index]!.promise }, `all of ${name}`]]
        : [[spawn(below)], [{ wait: gates[index]!.promise }, `${name} is not ready`], [`all of ${name}`]];
  }
  return { byName, gates };
}

const ended = async (bench: Bench, name: string) => {
  const [run] = await bench.core.runs.list({ sessionKey: await keyOf(bench, name), limit: 1 });
  return run!.state === "finished";
};

async function begun(bench: Bench, depth: number): Promise<void> {
  await (
    await send(bench)
  ).outcome;
  const there = async () => (await bench.core.runs.list({ states: ["running"], limit: 20 })).length;
  await expect.poll(there).toBe(depth);
}

/** Ends them one by one from below, but the deepest. */
async function endAbove(bench: Bench, gates: PromiseWithResolvers<void>[]): Promise<void> {
  for (let index = gates.length - 2; index >= 0; index -= 1) {
    gates[index]!.resolve();
    await expect.poll(() => ended(bench, NAMES[index]!)).toBe(true);
  }
}

test.each([2, 3, 4])("a sub-agent is told once, when all that is below it is done: %i deep", async (depth) => {
  const { byName, gates } = chain(depth);
  const bench = await openSubagents(byName);
  await begun(bench, depth);
  await endAbove(bench, gates);
  gates.at(-1)!.resolve();
  await rest(bench);
  expect(await brought(bench)).toEqual(["a is done. all of a"]);
  expect(await brought(bench, await keyOf(bench, "a"))).toEqual(["b is done. all of b"]);
});

test("a restart between the ends changes nothing", async () => {
  const { byName, gates } = chain(3);
  const first = await openSubagents(byName);
  await begun(first, 3);
  await endAbove(first, gates);
  const second = await first.kill(scripts({ ...byName, c: [["all of c"]] }));
  await rest(second);
  expect(await brought(second)).toEqual(["a is done. all of a"]);
});

test("siblings below, and one in the middle that has failed, are waited for", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const bench = await openSubagents({
    go: [[spawn("a")], ["started"], ["heard"]],
    a: [[spawn("b")], [{ wait: gates[2]!.promise }, "a is not ready"], ["all of a"]],
    b: [[spawn("one"), spawn("two")], [{ fail: new Error("no such luck") }], ["heard one"], ["all of b"]],
    one: [[{ wait: gates[0]!.promise }, "1"]],
    two: [[{ wait: gates[1]!.promise }, "2"]],
  });
  await (
    await send(bench)
  ).outcome;
  const working = async () => (await bench.core.runs.list({ states: ["running"], limit: 20 })).length;
  await expect.poll(working).toBe(3);
  gates[2]!.resolve();
  await expect.poll(working).toBe(2);
  gates[0]!.resolve();
  const b = await keyOf(bench, "b");
  await expect.poll(() => brought(bench, b)).toEqual(["one is done. 1"]);
  await expect.poll(working).toBe(1);
  expect(await brought(bench)).toEqual([]);
  gates[1]!.resolve();
  await rest(bench);
  expect(await brought(bench, b)).toEqual(["one is done. 1", "two is done. 2"]);
  expect(await brought(bench)).toEqual(["a is done. all of a"]);
});

test.each([
  ["cancelled", (bench: Bench, key: string) => bench.core.subagents.cancel(key, { tree: true })],
  ["aborted", (bench: Bench, key: string) => bench.core.sessions.abort(key)],
  ["reset", (bench: Bench, key: string) => bench.core.sessions.reset(key)],
  ["deleted", (bench: Bench, key: string) => bench.core.sessions.delete(key)],
])("what only waits for those below it, and is %s, is told so, and whoever waits for it ends", async (_how, end) => {
  const { byName, gates } = chain(3);
  const bench = await openSubagents(byName);
  await begun(bench, 3);
  await endAbove(bench, gates);
  const a = await keyOf(bench, "a");
  await end(bench, await keyOf(bench, "b"));
  await rest(bench);
  expect(await brought(bench, a)).toEqual(["b was cancelled before it was done. b is not ready"]);
  expect(await brought(bench)).toEqual(["a is done. all of a"]);
});

test("what waited only for one that an agent cancels is told as it ended, and that one is not", async () => {
  const { byName, gates } = chain(3);
  const bench = await openSubagents(byName);
  await begun(bench, 3);
  await endAbove(bench, gates);
  const a = await keyOf(bench, "a");
  await bench.core.subagents.cancel(await keyOf(bench, "b"), { tree: true, quiet: true });
  await rest(bench);
  expect(await brought(bench, a)).toEqual([]);
  expect(await brought(bench)).toEqual(["a is done. a is not ready"]);
});

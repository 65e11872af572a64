import { expect, test } from "vitest";
import type { ModelEvent } from "../../../src/core/ports/provider.ts";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import { SOME_USAGE } from "../../fakes/scriptedProvider.ts";
import { type Bench, openBench } from "../bench.ts";

const origin = { via: "api" as const };
const settings: Partial<AgentSettings> = { budgets: { day: { tokens: 10_000 } } };
// Some 5,000 tokens: two of these at once are too many, one after the other are not.
const text = "x".repeat(20_000);
const used = (inputTokens: number): ModelEvent => ({
  type: "end",
  usage: { ...SOME_USAGE, inputTokens, outputTokens: 1 },
  stop: "done",
});

async function openTwo(): Promise<[Bench, Bench]> {
  const one = await openBench({ settings });
  return [one, await openBench({ folder: one.folder, settings })];
}

async function send({ core }: Bench, sessionKey?: string) {
  const run = await core.sessions.send({ text, origin, ...(sessionKey ? { sessionKey } : {}) });
  return run.outcome;
}

/** A request of `bench` that is under way, until it is let go. */
async function hang(bench: Bench, end: ModelEvent) {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  bench.model.turns.push(async () => {
    asked.resolve();
    await gate.promise;
    return ["done", end];
  });
  const outcome = send(bench);
  await asked.promise;
  return { outcome, letGo: gate.resolve };
}

const exhausted = {
  type: "failed",
  error: { code: "budget_exhausted", message: expect.stringContaining("The day (UTC) has a budget of 10000 tokens") },
};

test("what another process has under way counts, and once only when it is used", async () => {
  const [one, two] = await openTwo();
  const { outcome, letGo } = await hang(one, used(300));
  expect(await send(two)).toMatchObject(exhausted);
  expect(two.model.requests).toHaveLength(0);
  letGo();
  expect(await outcome).toMatchObject({ type: "done" });
  expect(await send(two)).toMatchObject({ type: "done" });
});

test("two processes that ask at the same time do not go over a ceiling together, and one of them goes, twenty times", async () => {
  for (let round = 0; round < 20; round++) {
    const benches = await openTwo();
    for (const { model } of benches) model.turns.push(["done", used(9000)]);
    const ends = await Promise.all(benches.map((bench) => send(bench)));
    expect(ends.map(({ type }) => type).toSorted()).toEqual(["done", "failed"]);
  }
});

test.each(["allow", "deny"] as const)(
  "two processes at one limit ask once, and %s is the answer for both",
  async (said) => {
    const [one, two] = await openTwo();
    for (const { model } of [one, two]) model.turns.push(["done", used(100)]);
    one.model.turns.unshift(["done", used(9000)]);
    expect(await send(one)).toMatchObject({ type: "done" });
    const asks = [one, two].map(({ core }) => core.sessions.send({ text, origin: { via: "panel" } }));
    const runs = await Promise.all(asks);
    const listed = async () => (await one.core.approvals.list()).filter(({ tool }) => tool === "budget");
    await expect
      .poll(async () => (await one.store.listHolds({ keys: ["asks for more day " + today()], owner: "x" })).length)
      .toBe(2);
    await expect.poll(async () => (await listed()).length).toBe(1);
    const [question] = await listed();
    // Nobody tells one of the two here that the other has stored something.
    const asker = question!.runId === runs[0]!.id ? one : two;
    await asker.core.approvals.answer(question!.id, said, "panel");
    const ends = await Promise.all(runs.map(({ outcome }) => outcome));
    expect(ends.map(({ type }) => type)).toEqual(said === "allow" ? ["done", "done"] : ["failed", "failed"]);
    const asked = [...one.events, ...two.events].flatMap((event) =>
      event.type === "approval.asked" ? [event.approval.id] : [],
    );
    expect(new Set(asked).size).toBe(1);
  },
);

const today = () => new Date().toISOString().slice(0, 10);

test("what a worker holds is told to the others while it shows life, and goes with it", async () => {
  const [one, two] = await openTwo();
  const { outcome, letGo } = await hang(one, used(300));
  const listed = () => two.store.listHolds({ keys: ["day"], owner: "another" });
  const [held] = await listed();
  expect(held).toMatchObject({ key: "day", value: { tokens: expect.any(Number) } });
  await two.store.dropLease("gateway", held!.owner);
  expect(await listed()).toEqual([]);
  letGo();
  await outcome;
});

test("a request that failed before it used anything holds nothing, and what is left says what is held elsewhere", async () => {
  const [one, two] = await openTwo();
  one.model.turns.push([{ fail: new Error("not now") }]);
  expect(await send(one)).toMatchObject({ type: "failed" });
  expect(await two.store.listHolds({ keys: ["day"], owner: "anyone" })).toEqual([]);
  expect(await send(two)).toMatchObject({ type: "done" });
  expect(await two.store.listHolds({ keys: ["day"], owner: "anyone" })).toEqual([]);
});

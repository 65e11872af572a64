import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { call, SOME_USAGE } from "../../fakes/scriptedProvider.ts";
import { openNewStore } from "../../store/newStore.ts";
import { openBench, transcript } from "../bench.ts";
import { fullAt } from "./fullStore.ts";

const origin = { via: "api" as const };

test("what a request has used counts where its session was deleted elsewhere meanwhile, and holds no room any more", async () => {
  const gate = Promise.withResolvers<void>();
  const keys = new Set<string>();
  const seeStore = (store: Store): Store => ({
    ...store,
    commit(batch) {
      for (const { put } of batch.holds ?? []) for (const key of put?.keys ?? []) keys.add(key);
      return store.commit(batch);
    },
  });
  const settings = { budgets: { day: { usd: 1 } } };
  const bench = await openBench({ seeStore, settings, turns: [["first"], [{ wait: gate.promise }, "second"]] });
  const { key: sessionKey } = await bench.core.sessions.create({ title: "short" });
  const send = () => bench.core.sessions.send({ text: "go", origin, sessionKey });
  await (
    await send()
  ).outcome;
  const inputTokens = async () => (await bench.core.usage.cost(1)).total.inputTokens;
  expect(await inputTokens()).toBe(SOME_USAGE.inputTokens);
  await send();
  await expect.poll(() => bench.model.requests.length).toBe(2);
  // As another process would: behind the core's back.
  await bench.store.deleteSession(sessionKey);
  gate.resolve();
  await expect.poll(inputTokens).toBe(2 * SOME_USAGE.inputTokens);
  expect(keys.size).toBeGreaterThan(0);
  expect(await bench.store.listHolds({ keys: [...keys], owner: "any" })).toEqual([]);
});

test.each([
  ["a step", [call("add", { a: 1, b: 2 })], "unavailable", SOME_USAGE.inputTokens, 0],
  ["the end", ["done"], "unavailable", SOME_USAGE.inputTokens, 15],
  // Of what is another worker's by now nothing is stored but what counts for all.
  ["a step", [call("add", { a: 1, b: 2 })], "conflict", 0, 0],
] as const)(
  "what %s has used counts once where the store refuses it once: %#",
  async (_name, turn, code, inputTokens, contextTokens) => {
    const bench = await openBench({ seeStore: fullAt("usage", code), turns: [[...turn]] });
    const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
    expect((await run.outcome).type).toBe("failed");
    await bench.core.runs.wait(run.id, 60_000);
    const { total } = await bench.core.usage.cost(1);
    expect(total).toMatchObject({ ...SOME_USAGE, costUsd: expect.any(Number) as number, requests: 1 });
    const session = await bench.core.sessions.get("main");
    // Of a step the answer is lost.
    expect(session).toMatchObject({ usage: { inputTokens }, contextTokens });
  },
);

test("a run that was stopped, and whose worker did not live to hear it, is ended by the next one", async () => {
  const first = await openBench({ turns: [[{ wait: new Promise(() => {}) }]] });
  const run = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const elsewhere = await openNewStore({
    path: first.storePath,
    clock: systemClock,
    log: silentLog,
  });
  expect(await elsewhere.queue("elsewhere").cancel(run.id)).toBe(true);
  await elsewhere.close();
  const second = await first.kill([["never asked"]]);
  await second.core.runs.wait(run.id, 60_000);
  expect(await second.store.getRun(run.id)).toMatchObject({ state: "finished", outcome: { type: "cancelled" } });
  expect(second.model.requests).toEqual([]);
  await expect.poll(() => transcript(second.events)).toEqual(["main 3 run.finished cancelled"]);
});

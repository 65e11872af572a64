import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../src/base/log.ts";
import { careForStore } from "../../src/app/leading/storeCare.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { openBench } from "../core/bench.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Cares for a store whose own steps are told here, `left` of them to do. */
async function openCared(tend: (tended: number) => boolean) {
  const clock = createFakeClock();
  const { core } = await openBench({ clock, settings: { retention: { openaiDays: 30 } } });
  const state = { tended: 0, pruned: 0 };
  const checkpoints = { ...core.checkpoints, prune: async () => (state.pruned += 1) };
  const store = { ...core.store, tend: async () => tend((state.tended += 1)) };
  const caring = careForStore({ core: { ...core, store, checkpoints }, clock, log: silentLog });
  onTestFinished(() => caring.dispose());
  return { core, clock, caring, state };
}

test("who leads removes what nobody uses and old checkpoints, takes the store's steps one by one, and looks again each hour", async () => {
  const { core, clock, state } = await openCared((tended) => tended % 4 !== 0);
  await (
    await core.sessions.send({ text: "x", newKey: "openai-x", origin: { via: "openai" } })
  ).outcome;
  await clock.advance(50_000);
  expect(state).toEqual({ tended: 0, pruned: 0 });
  await clock.advance(21_000);
  expect(state.tended).toBe(1);
  await clock.advance(10 * MINUTE);
  expect(state.tended).toBe(4);
  await clock.advance(HOUR);
  expect(state).toEqual({ tended: 8, pruned: 2 });
  expect(await core.sessions.get("openai-x")).toBeDefined();
  const removed = new Promise<void>((resolve) => {
    core.events.on((event) => event.type === "session.deleted" && resolve());
  });
  await clock.set(clock.now() + 31 * 24 * HOUR);
  await removed;
});

test("a store that takes nothing is tried again, and nothing goes on when it is over", async () => {
  const { clock, caring, state } = await openCared(() => {
    throw new Error("the disk is full");
  });
  await clock.advance(2 * MINUTE);
  expect(state.tended).toBe(1);
  await clock.advance(HOUR + MINUTE);
  expect(state.tended).toBe(2);
  caring.dispose();
  await clock.advance(10 * HOUR);
  expect(state.tended).toBe(2);
});

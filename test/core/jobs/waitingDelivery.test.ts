import { expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import type { ChannelSettings } from "../../../src/core/ports/outside/channelDesk.ts";
import type { Bench } from "../bench.ts";
import { DAY, HOUR, jobOf, MINUTE, openJobsBench, START, user, TELEGRAM } from "./jobsBench.ts";

/** A job whose result waits for Telegram, which nobody runs here. */
async function open() {
  const set: ChannelSettings[] = [TELEGRAM];
  const bench = await openJobsBench({ turns: [["Fine"]], channels: () => set });
  const tidied: [string, number][] = [];
  bench.core.channels.files.tidy = async (owner, named) => void tidied.push([owner, named.size]);
  const schedule = { kind: "at", at: new Date(START + HOUR).toISOString() } as const;
  const { id } = await bench.core.jobs.add(
    jobOf({ schedule, delivery: { mode: "announce", channel: "telegram" } }),
    user,
  );
  await bench.clock.advance(HOUR + MINUTE);
  const fate = async ({ core }: Pick<Bench, "core"> = bench) =>
    (await core.jobs.firings({ jobId: id, limit: 1 }))[0]?.delivery;
  return { ...bench, set, tidied, id, fate };
}

const queued = { status: "queued", channel: "telegram" };

test("a queued result says why it waits, as its channel is now", async () => {
  const { core, store, clock, fate } = await open();
  const { channels } = core;
  expect(await fate()).toEqual({ ...queued, why: "No gateway runs the channel telegram now" });
  channels.report("telegram", { state: "failed", error: "Telegram refused the token" });
  expect(await fate()).toEqual({ ...queued, why: "The channel telegram has failed: Telegram refused the token" });
  const at = START + 2 * HOUR;
  channels.report("telegram", { state: "waiting", error: "ECONNREFUSED", retryAt: at });
  const retryAt = new Date(at).toISOString();
  expect(await fate()).toEqual({ ...queued, why: "The channel telegram waits: ECONNREFUSED", retryAt });
  channels.report("telegram", { state: "connected" });
  expect(await fate()).toEqual(queued);
  const [row] = await store.listOutbox({ channel: "telegram", states: ["whole"], limit: 9 });
  const later = { notBefore: at, error: "Telegram answered 429 to sendMessage: Too Many Requests: retry after 60" };
  await store.commit({ channels: [{ send: row!.key, expect: "whole", state: "waiting", ...later }] });
  expect(await fate()).toEqual({ ...queued, why: later.error, retryAt });
  await clock.advance(2 * HOUR);
  expect(await fate()).toEqual(queued);
  await channels.mute("telegram", true);
  expect(await fate()).toEqual({ ...queued, why: "The channel telegram is muted" });
});

test("one whose channel is set up no more says so, and has failed after a week; what comes back in time is gone on with", async () => {
  const { store, clock, set, tidied, fate, id, events } = await open();
  set.length = 0;
  const gone = { ...queued, why: "No channel telegram is set up in openclaw.yml any more" };
  expect(await fate()).toEqual({ ...gone, givenUpAt: new Date(START + HOUR + 7 * DAY).toISOString() });
  await clock.set(clock.now() + 7 * DAY - HOUR);
  expect(await fate()).toMatchObject(gone);
  set.push(TELEGRAM);
  await clock.advance(3 * HOUR);
  expect(await fate()).toEqual({ ...queued, why: "No gateway runs the channel telegram now" });
  set.length = 0;
  const toldOf = () => events.filter(({ type }) => type === "job.changed").length;
  const told = toldOf();
  await clock.advance(2 * HOUR);
  const error = "It waited for a week, and no channel telegram is set up in openclaw.yml";
  expect(await fate()).toEqual({ status: "failed", channel: "telegram", error });
  expect(toldOf()).toBe(told + 1);
  const rows = await store.listOutbox({ channel: "telegram", states: ["failed"], limit: 9 });
  expect(rows).toMatchObject([{ error, body: { givenUp: true } }]);
  expect(tidied).toContainEqual(["telegram", 0]);
  expect((await store.getJob(id))?.job.lastStatus).toBe("ok");
});

test("what was on its way when its gateway was killed is in doubt by then, and the next gateway gives up what it finds", async () => {
  const bench = await open();
  const { store, clock, set, fate } = bench;
  const [row] = await store.listOutbox({ channel: "telegram", states: ["whole"], limit: 9 });
  await store.commit({ channels: [{ send: row!.key, expect: "whole", state: "sending" }] });
  set.length = 0;
  await clock.set(clock.now() + 6 * DAY);
  const next = await bench.restart();
  await settle();
  expect(await fate(next)).toMatchObject({ status: "queued" });
  await clock.set(clock.now() + 2 * DAY);
  expect(await fate(next)).toMatchObject({ status: "in doubt" });
});

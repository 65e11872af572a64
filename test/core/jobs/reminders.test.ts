import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { settle } from "../../fakes/fakeClock.ts";
import type { Turn } from "../../fakes/scriptedProvider.ts";
import type { NewJob } from "../../../src/protocol/job.ts";
import { exec } from "../../../src/tools/execTool.ts";
import type { Bench, BenchOptions } from "../bench.ts";
import { DAY, failWrites, historyOf, HOUR, jobOf, MINUTE, openJobsBench, user, TELEGRAM } from "./jobsBench.ts";

const never = new Promise<void>(() => {});
const away: Turn = [{ fail: new AppError("provider_error", "The model is away") }];

function reminderOf(more: Partial<NewJob> = {}): NewJob {
  return jobOf({
    schedule: { kind: "cron", expr: "0 1 * * *", tz: "UTC" },
    payload: { kind: "systemEvent", text: "Drink water" },
    sessionTarget: "main",
    delivery: { mode: "announce", channel: "telegram" },
    ...more,
  });
}

async function open(turns: Turn[], more: BenchOptions = {}) {
  const bench = await openJobsBench({ turns, channels: () => [TELEGRAM], ...more });
  const toasts = ({ events }: Pick<Bench, "events"> = bench) =>
    events.filter(({ type }) => type === "job.announced").length;
  const sent = async ({ store }: Pick<Bench, "store"> = bench) =>
    (await store.listOutbox({ channel: "telegram", states: ["whole"], limit: 9 })).map(({ body }) => body?.text);
  return { ...bench, toasts, sent };
}

test("a reminder is told once, there and in its chat, though the model is away at each of its tries", async () => {
  const { core, clock, store, toasts, sent } = await open(Array.from({ length: 6 }, () => away));
  await core.jobs.add(reminderOf(), user);
  await clock.advance(HOUR);
  expect([toasts(), await sent()]).toEqual([1, ["**Watch**\n\nDrink water"]]);
  await clock.advance(3 * HOUR);
  expect(await historyOf(store)).toHaveLength(6);
  expect([toasts(), await sent()]).toEqual([1, ["**Watch**\n\nDrink water"]]);
});

test("one of each hour goes to its chat each hour, though the model is away", async () => {
  const { core, clock, sent } = await open(Array.from({ length: 30 }, () => away));
  await core.jobs.add(reminderOf({ schedule: { kind: "every", everyMs: HOUR } }), user);
  await clock.advance(3 * HOUR);
  expect(await sent()).toHaveLength(3);
});

test("one whose run is stopped goes to its chat, too", async () => {
  const { core, clock, sent } = await open([[{ wait: never }]]);
  await core.jobs.add(reminderOf(), user);
  await clock.advance(HOUR);
  const [run] = await core.runs.list({ limit: 1 });
  await core.runs.cancel(run!.id);
  await settle();
  await clock.advance(MINUTE);
  expect(await sent()).toEqual(["**Watch**\n\nDrink water"]);
});

test("one whose run cannot begin goes to its chat, too, and is told once", async () => {
  const { core, clock, store, toasts, sent } = await open([]);
  const session = await core.sessions.create({ title: "Work" });
  await core.jobs.add(reminderOf({ sessionTarget: session.key }), user);
  await core.sessions.delete(session.key);
  await clock.advance(4 * HOUR);
  expect((await historyOf(store)).length).toBeGreaterThan(1);
  expect([toasts(), await sent()]).toEqual([1, ["**Watch**\n\nDrink water"]]);
});

test("one with a condition whose run cannot begin is told once, too", async () => {
  const bench = await open([["well"]], { tools: [exec], settings: { sandbox: "off" } });
  const { core, clock, store, toasts, sent } = bench;
  const grants = [{ allow: "exec" as const, command: "ls ." }];
  const { id } = await core.jobs.add(reminderOf({ condition: { command: "ls ." }, grants }), user);
  failWrites(store, ({ submits }) => submits !== undefined, 3);
  const ended = async () => (await historyOf(store, id)).filter((line) => !line.includes("running")).length;
  for (const [tries, wait] of [HOUR, 2 * MINUTE, 2 * MINUTE, 10 * MINUTE].entries()) {
    await clock.advance(wait);
    await expect.poll(ended).toBe(tries + 1);
  }
  expect((await historyOf(store, id)).map((line) => line.slice(6))).toEqual([
    "failed schedule",
    "failed retry",
    "failed retry",
    "ok retry",
  ]);
  expect([toasts(), await sent()]).toEqual([1, ["**Watch**\n\nDrink water"]]);
});

test("one whose first try failed under an earlier version, which told no chat of that, goes there with its next", async () => {
  const { core, clock, store, sent } = await open([away, ["well"]]);
  const { id } = await core.jobs.add(reminderOf(), user);
  await clock.advance(HOUR - 1);
  const commit = store.commit.bind(store);
  store.commit = async (batch) => {
    const slots = batch.slots?.map((slot) => {
      const { delivery: _, reminded: __, ...put } = slot.put;
      return { ...slot, put };
    });
    return commit(slots ? { ...batch, slots } : batch);
  };
  await clock.advance(10);
  await expect.poll(() => historyOf(store, id)).toEqual(["01:00 failed schedule"]);
  store.commit = commit;
  await clock.advance(MINUTE);
  expect(await sent()).toEqual(["**Watch**\n\nDrink water"]);
});

test("one whose condition was being asked when its gateway was killed is told by the next, once", async () => {
  const bench = await open([], { tools: [exec], settings: { sandbox: "off" } });
  const { core, clock, folder, toasts, sent } = bench;
  const grants = [{ allow: "exec" as const, command: "sh wait.sh" }];
  writeFileSync(join(folder, "wait.sh"), "until test -e go; do sleep 0.05; done\n");
  const { id } = await core.jobs.add(reminderOf({ condition: { command: "sh wait.sh" }, grants }), user);
  await clock.advance(HOUR);
  const next = await bench.restart([away, away, ["well"]]);
  await settle();
  expect([toasts(next), await sent(next)]).toEqual([0, []]);
  writeFileSync(join(folder, "go"), "");
  for (let tries = 2; tries <= 4; tries += 1) {
    await clock.advance(5 * MINUTE);
    const ended = async () => (await historyOf(next.store, id)).filter((line) => !line.includes("running")).length;
    await expect.poll(ended).toBe(tries);
  }
  expect((await historyOf(next.store, id)).at(-1)).toMatch(/ ok retry$/);
  await expect.poll(() => sent(next)).toEqual(["**Watch**\n\nDrink water"]);
  expect(toasts(next)).toBe(1);
});

test("a failure to begin is told as any other, when the last try has failed", async () => {
  const { core, clock, events, store } = await open([]);
  const session = await core.sessions.create({ title: "Work" });
  const delivery = { mode: "announce", channel: "telegram" } as const;
  await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: DAY }, sessionTarget: session.key, delivery }), user);
  await core.sessions.delete(session.key);
  await clock.advance(DAY + HOUR);
  expect(events.filter(({ type }) => type === "job.announced")).toEqual([]);
  await clock.advance(HOUR);
  const text = `No session "${session.key}" exists`;
  expect(events.filter(({ type }) => type === "job.announced")).toMatchObject([{ status: "failed", text }]);
  expect((await store.listSlots({ limit: 1 }))[0]).toMatchObject({ delivery: { status: "queued" } });
});

import { describe, expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { settle } from "../../fakes/fakeClock.ts";
import { shell } from "../permission/shellTool.ts";
import { DAY, historyOf, HOUR, jobOf, MINUTE, openJobsBench, SECOND, START, user } from "./jobsBench.ts";

const away: Turn = [{ fail: new AppError("provider_error", "The model is away") }];
const failsAfter = (gate: Promise<void>): Turn => [{ wait: gate }, ...away];
const at = (ms: number) => ({ kind: "at", at: new Date(START + ms).toISOString() }) as const;

describe("a one-shot", () => {
  test("that was fired before its time and is tried again fires at its time, too", async () => {
    const { core, clock, store } = await openJobsBench({ turns: [away, away, ["well"], ["in time"]] });
    const job = await core.jobs.add(jobOf({ schedule: at(DAY) }), user);
    await core.jobs.trigger(job.id);
    await clock.advance(31 * SECOND);
    expect(await core.jobs.get(job.id)).toMatchObject({
      enabled: true,
      nextRunAt: new Date(START + DAY).toISOString(),
    });
    await clock.advance(DAY);
    expect((await historyOf(store)).map((line) => line.slice(6))).toEqual([
      "failed webhook",
      "failed retry",
      "ok retry",
      "ok schedule",
    ]);
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test.each([
    ["by hand, and well", "ok manual", ["well"] as Turn],
    ["by a webhook, and well", "ok webhook", ["well"] as Turn],
    ["by a webhook, for the last time", "failed webhook", [{ fail: new AppError("budget_exhausted", "No") }] as Turn],
  ])("that waits for its next try and is fired %s is over", async (_, line, turn) => {
    const { core, clock, store } = await openJobsBench({ turns: [away, turn] });
    const job = await core.jobs.add(jobOf({ schedule: at(HOUR) }), user);
    await clock.advance(HOUR + SECOND);
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: true, nextRunAt: null });
    await (line.endsWith("manual") ? core.jobs.run(job.id) : core.jobs.trigger(job.id));
    await clock.advance(DAY);
    expect((await historyOf(store)).map((slot) => slot.slice(6))).toEqual(["failed schedule", line]);
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test.each([
    ["once the run is over", [], "ok schedule"],
    ["once it has failed for good", [{ fail: new AppError("budget_exhausted", "No") }] as Turn, "failed schedule"],
  ])("that is over is on again with another schedule, %s", async (_, first, line) => {
    const { core, clock, store } = await openJobsBench({ turns: [first, ["again"]] });
    const job = await core.jobs.add(jobOf({ schedule: at(HOUR) }), user);
    await clock.advance(HOUR + SECOND);
    await settle();
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: false, nextRunAt: null });
    expect(await core.jobs.update(job.id, { name: "Once more", schedule: at(HOUR) })).toMatchObject({ enabled: false });
    expect(await core.jobs.update(job.id, { schedule: at(DAY), enabled: false })).toMatchObject({ enabled: false });
    await core.jobs.update(job.id, { schedule: at(HOUR) });
    await expect(core.jobs.update(job.id, { schedule: at(MINUTE) })).rejects.toThrow(/has passed already/);
    const next = await core.jobs.update(job.id, { schedule: at(2 * HOUR) });
    expect(next).toMatchObject({ enabled: true, nextRunAt: new Date(START + 2 * HOUR).toISOString() });
    await clock.advance(2 * HOUR);
    expect((await historyOf(store)).map((slot) => slot.slice(6))).toEqual([line, "ok schedule"]);
  });

  test("that was missed is on again with another schedule, and one that somebody turned off before its time is not", async () => {
    const { core, clock } = await openJobsBench();
    const missed = await core.jobs.add(jobOf({ schedule: at(HOUR), misfire: { policy: "skip" } }), user);
    const off = await core.jobs.add(jobOf({ schedule: at(HOUR) }), user);
    await core.jobs.update(off.id, { enabled: false });
    await clock.set(START + DAY);
    await settle();
    await core.jobs.run(off.id);
    await settle();
    const schedule = { kind: "every", everyMs: HOUR } as const;
    expect(await core.jobs.update(missed.id, { schedule })).toMatchObject({ enabled: true });
    expect(await core.jobs.update(off.id, { schedule })).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test("that is put off while it runs, and fails, fires at its new time, too", async () => {
    const gate = Promise.withResolvers<void>();
    const { core, clock, store } = await openJobsBench({ turns: [failsAfter(gate.promise), ["well"], ["in time"]] });
    const job = await core.jobs.add(jobOf({ schedule: at(HOUR) }), user);
    await clock.advance(HOUR);
    await core.jobs.update(job.id, { schedule: at(DAY), enabled: true });
    gate.resolve();
    await settle();
    await clock.advance(DAY);
    expect((await historyOf(store)).map((line) => line.slice(6))).toEqual([
      "failed schedule",
      "ok retry",
      "ok schedule",
    ]);
  });

  test.each(["webhook", "retry"])("that is turned off while it runs stays off: %s", async (cause) => {
    const gate = Promise.withResolvers<void>();
    const fails = failsAfter(gate.promise);
    const { core, clock, store } = await openJobsBench({ turns: cause === "retry" ? [away, fails] : [fails] });
    const job = await core.jobs.add(jobOf({ schedule: at(DAY) }), user);
    await core.jobs.trigger(job.id);
    await clock.advance(MINUTE);
    expect((await store.listSlots({ limit: 1 }))[0]).toMatchObject({ status: "running", cause });
    await core.jobs.update(job.id, { enabled: false });
    gate.resolve();
    await settle();
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: false, nextRunAt: null, lastStatus: "failed" });
    expect((await core.jobs.get(job.id)).state.retryAt).toBeUndefined();
  });
});

describe("a try that comes due while the job is at work", () => {
  test.each([at(HOUR), jobOf().schedule])("waits for the end of a rehearsal", async (schedule) => {
    const turns = [away, [call("shell", { line: "npm test" }, "a")], ["rehearsed"], ["well"]];
    const { core, clock, store, events } = await openJobsBench({
      turns,
      tools: [shell],
      settings: { approvalTimeoutMs: HOUR },
    });
    const job = await core.jobs.add(jobOf({ schedule }), user);
    await clock.advance(HOUR);
    expect((await core.jobs.get(job.id)).state.retryAt).toBeDefined();
    await core.jobs.rehearse(job.id, {});
    await settle();
    await clock.advance(10 * MINUTE);
    expect(await historyOf(store)).toEqual(["01:00 failed schedule"]);
    const [asked] = events.flatMap((event) => (event.type === "approval.asked" ? [event.approval] : []));
    await core.approvals.answer(asked!.id, "allow", "panel");
    await settle();
    await clock.advance(SECOND);
    await settle();
    expect(await historyOf(store)).toEqual(["01:00 failed schedule", "01:00 ok retry"]);
  });

  test("waits for the end of a firing by hand, which does not stand for it where it fails", async () => {
    const gate = Promise.withResolvers<void>();
    const { core, clock, store } = await openJobsBench({ turns: [away, failsAfter(gate.promise), ["well"]] });
    const job = await core.jobs.add(jobOf(), user);
    await clock.advance(HOUR);
    await core.jobs.run(job.id);
    await clock.advance(10 * MINUTE);
    gate.resolve();
    await settle();
    await clock.advance(SECOND);
    await settle();
    expect((await historyOf(store)).map((line) => line.slice(6)).toSorted()).toEqual([
      "failed manual",
      "failed schedule",
      "ok retry",
    ]);
  });
});

test.each([
  [undefined, "ok retry", "ok"],
  [{ policy: "once", maxAgeSeconds: 600 } as const, "missed retry", "missed"],
  [{ policy: "once", maxAgeSeconds: 7200 } as const, "ok retry", "ok"],
  [{ policy: "skip" } as const, "missed retry", "missed"],
])("a try whose time came while the machine slept, with misfire %j", async (misfire, line, lastStatus) => {
  const { core, clock, store } = await openJobsBench({ turns: [away, ["well"]] });
  const schedule = { kind: "cron", expr: "0 1 * * *", tz: "UTC" } as const;
  const job = await core.jobs.add(jobOf(misfire ? { schedule, misfire } : { schedule }), user);
  await clock.advance(HOUR);
  expect((await core.jobs.get(job.id)).state.retryAt).toBeDefined();
  await clock.set(START + 2 * HOUR);
  await settle();
  expect(await historyOf(store)).toEqual(["01:00 failed schedule", `01:00 ${line}`]);
  const known = await core.jobs.get(job.id);
  expect(known).toMatchObject({ enabled: true, lastStatus, nextRunAt: "2026-11-23T01:00:00.000Z" });
  expect(known.state.retryAt).toBeUndefined();
});

test("a try that waits for a firing by hand is made when that ends, also where what was missed is skipped", async () => {
  const gate = Promise.withResolvers<void>();
  const { core, clock, store } = await openJobsBench({ turns: [away, failsAfter(gate.promise), ["well"]] });
  const job = await core.jobs.add(jobOf({ misfire: { policy: "skip" } }), user);
  await clock.advance(HOUR);
  await core.jobs.run(job.id);
  await clock.advance(10 * MINUTE);
  gate.resolve();
  await settle();
  await clock.advance(SECOND);
  await settle();
  expect((await historyOf(store)).map((one) => one.slice(6)).toSorted()).toEqual([
    "failed manual",
    "failed schedule",
    "ok retry",
  ]);
});

import { describe, expect, test } from "vitest";
import { settle } from "../../fakes/fakeClock.ts";
import { openBench } from "../bench.ts";
import { DAY, failWrites, historyOf, HOUR, jobOf, MINUTE, openJobsBench, SECOND, START, user } from "./jobsBench.ts";

const never = new Promise<void>(() => {});

describe("each slot once", () => {
  test("over both clock changes", async () => {
    const { core, store, clock } = await openJobsBench();
    await clock.set(Date.parse("2027-03-26T12:00:00Z"));
    const daily = await core.jobs.add(
      jobOf({ schedule: { kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" } }),
      user,
    );
    await clock.advance(3 * DAY);
    const spring = (await store.listSlots({ limit: 10, jobId: daily.id })).map(({ slot }) => slot.slice(5, 16));
    expect(spring).toEqual(["03-29T00:30", "03-28T01:00", "03-27T01:30"]);
    await core.jobs.update(daily.id, { enabled: false });
    await clock.set(Date.parse("2027-10-30T12:00:00Z"));
    await core.jobs.update(daily.id, { enabled: true });
    await clock.advance(2 * DAY);
    const autumn = (await store.listSlots({ limit: 2, jobId: daily.id })).map(({ slot }) => slot.slice(5, 16));
    expect(autumn).toEqual(["11-01T01:30", "10-31T00:30"]);
  });

  test("with two gateways on one store, whoever has added the job", async () => {
    const first = await openJobsBench();
    const second = await openBench({ clock: first.clock, folder: first.folder });
    const mine = await first.core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: MINUTE } }), user);
    const theirs = await second.core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: 90 * SECOND } }), user);
    await first.clock.advance(30 * MINUTE);
    await settle();
    expect(await historyOf(first.store, mine.id)).toHaveLength(30);
    expect(await historyOf(first.store, theirs.id)).toHaveLength(20);
    const runs = await first.core.runs.list({ limit: 200 });
    expect(runs).toHaveLength(50);
    expect(first.model.requests.length + second.model.requests.length).toBe(50);
    expect(new Set((await first.store.listSlots({ limit: 100 })).map(({ status }) => status))).toEqual(new Set(["ok"]));
  });

  test("what another gateway changed or removed counts from the next slot on", async () => {
    const first = await openJobsBench();
    const second = await openBench({ clock: first.clock, folder: first.folder });
    const job = await first.core.jobs.add(jobOf(), user);
    await first.clock.advance(HOUR + MINUTE);
    await second.core.jobs.update(job.id, { payload: { kind: "agentTurn", message: "changed" } });
    await first.clock.advance(HOUR);
    const asked = [...first.model.requests, ...second.model.requests].map(({ messages }) => messages.at(-1));
    // Whichever of the two fired it.
    expect(asked.map((message) => message?.text).toSorted()).toEqual(["changed", "look"]);
    await second.core.jobs.remove(job.id);
    await first.clock.advance(2 * HOUR);
    expect(first.model.requests.length + second.model.requests.length).toBe(2);
  });

  test("a firing that could not be stored has not happened, and happens later", async () => {
    const { core, store, clock, model } = await openJobsBench();
    const job = await core.jobs.add(jobOf(), user);
    failWrites(store, (batch) => batch.claims !== undefined, 4);
    await clock.advance(HOUR + SECOND);
    expect(await historyOf(store)).toEqual([]);
    expect(await core.jobs.get(job.id)).toMatchObject({ nextRunAt: "2026-11-22T01:00:00.000Z", lastRunAt: null });
    expect((await core.sessions.list({ limit: 10 })).sessions).toHaveLength(1);
    await clock.advance(MINUTE);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule"]);
    expect(model.requests).toHaveLength(1);
  });

  test("a run that a restart cut short goes on, and its slot ends with it", async () => {
    const first = await openJobsBench({ turns: [[{ wait: never }]] });
    const job = await first.core.jobs.add(jobOf(), user);
    await first.clock.advance(HOUR);
    expect(await historyOf(first.store)).toEqual(["01:00 running schedule"]);
    const second = await first.restart([["after the restart"]]);
    await settle();
    expect(await historyOf(second.store)).toEqual(["01:00 ok schedule"]);
    expect(await second.core.jobs.get(job.id)).toMatchObject({
      lastStatus: "ok",
      nextRunAt: "2026-11-22T02:00:00.000Z",
    });
    expect(await second.core.runs.list({ limit: 10 })).toHaveLength(1);
  });

  test("a slot whose end could not be stored ends when the store works again", async () => {
    const { core, store, clock } = await openJobsBench();
    await core.jobs.add(jobOf(), user);
    failWrites(store, (batch) => batch.slots !== undefined, 2);
    await clock.advance(HOUR);
    expect(await historyOf(store)).toEqual(["01:00 running schedule"]);
    await clock.advance(MINUTE);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule"]);
  });

  test("an interval longer than 32 bits of milliseconds does not fire at once", async () => {
    const { core, store, clock } = await openJobsBench();
    const job = await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: 30 * DAY } }), user);
    await clock.advance(DAY);
    expect(await historyOf(store)).toEqual([]);
    await clock.set(START + 30 * DAY);
    await settle();
    expect(await historyOf(store)).toEqual(["00:00 ok schedule"]);
    expect((await core.jobs.get(job.id)).nextRunAt).toBe(new Date(START + 60 * DAY).toISOString());
  });
});

describe("clocks that jump, and machines that sleep", () => {
  test("an hour ahead is one firing, and an hour back none twice", async () => {
    const { core, store, clock } = await openJobsBench();
    await core.jobs.add(jobOf({ schedule: { kind: "cron", expr: "*/10 * * * *", tz: "UTC" } }), user);
    await clock.advance(15 * MINUTE);
    await clock.set(START + 75 * MINUTE);
    await settle();
    await clock.set(START + 15 * MINUTE);
    await clock.advance(70 * MINUTE);
    expect(await historyOf(store)).toEqual([
      "00:10 ok schedule",
      "00:20 ok schedule",
      "00:30 ok schedule",
      "00:40 ok schedule",
      "00:50 ok schedule",
      "01:00 ok schedule",
      "01:10 ok misfire after 5",
      "01:20 ok schedule",
    ]);
  });

  test.each([
    ["an hour", HOUR],
    ["a week", 7 * DAY],
    ["half a minute", 30 * SECOND],
    ["an hour and something", HOUR + 3 * MINUTE + 7],
  ])("an interval goes on evenly when the clock is set back by %s", async (_, back) => {
    const { core, store, clock, model } = await openJobsBench();
    const job = await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: 10 * MINUTE } }), user);
    await clock.advance(24 * MINUTE);
    expect(model.requests).toHaveLength(2);
    await clock.set(clock.now() - back);
    await clock.advance(5 * MINUTE);
    expect(model.requests).toHaveLength(2);
    await clock.advance(MINUTE + SECOND);
    expect(model.requests).toHaveLength(3);
    await clock.advance(60 * MINUTE);
    expect(model.requests).toHaveLength(9);
    expect((await historyOf(store, job.id)).every((line) => line.endsWith(" ok schedule"))).toBe(true);
  });

  test("an interval whose clock was set back while nothing ran waits no longer than itself", async () => {
    const first = await openJobsBench();
    await first.core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: 10 * MINUTE } }), user);
    await first.clock.advance(24 * MINUTE);
    await first.core.close();
    await first.clock.set(START - 5 * HOUR);
    const second = await first.restart();
    await first.clock.advance(10 * MINUTE + SECOND);
    expect(second.model.requests).toHaveLength(1);
    await first.clock.advance(30 * MINUTE);
    expect(second.model.requests).toHaveLength(4);
  });

  test("an interval whose anchor is still to come begins at it, also after another start and with a clock set back", async () => {
    const first = await openJobsBench();
    const schedule = { kind: "every", everyMs: 10 * MINUTE, anchorMs: START + DAY } as const;
    const job = await first.core.jobs.add(jobOf({ schedule }), user);
    const next = new Date(START + DAY).toISOString();
    expect(job.nextRunAt).toBe(next);
    await first.clock.set(START - HOUR);
    await first.clock.advance(MINUTE);
    await first.core.close();
    const second = await first.restart();
    expect(await second.core.jobs.get(job.id)).toMatchObject({ schedule, nextRunAt: next });
    await first.clock.set(START + DAY - SECOND);
    await first.clock.advance(10 * MINUTE + SECOND);
    expect(await historyOf(second.store, job.id)).toEqual(["00:00 ok schedule", "00:10 ok schedule"]);
  });

  test("a clock that was years ahead does not put a job off for years", async () => {
    const first = await openJobsBench();
    const job = await first.core.jobs.add(jobOf(), user);
    await first.clock.set(START + 5 * 365 * DAY);
    await settle();
    expect((await first.core.jobs.get(job.id)).nextRunAt).toBe("2031-11-21T01:00:00.000Z");
    await first.clock.set(START + 90 * MINUTE);
    const second = await first.restart();
    expect((await second.core.jobs.get(job.id)).nextRunAt).toBe("2026-11-22T02:00:00.000Z");
  });

  test.each([
    [undefined, ["00:00 ok misfire after 71"], "ok"],
    [{ policy: "once", maxAgeSeconds: 600 } as const, ["00:00 missed misfire after 71"], "missed"],
    [{ policy: "once", maxAgeSeconds: 7200 } as const, ["00:00 ok misfire after 71"], "ok"],
    [{ policy: "skip" } as const, ["00:00 missed misfire after 71"], "missed"],
  ])("three days asleep with misfire %j", async (misfire, history, lastStatus) => {
    const { core, store, clock } = await openJobsBench();
    const job = await core.jobs.add(jobOf(misfire ? { misfire } : {}), user);
    await clock.set(START + 3 * DAY + 30 * MINUTE);
    await settle();
    expect(await historyOf(store)).toEqual(history);
    expect(await core.jobs.get(job.id)).toMatchObject({ lastStatus, nextRunAt: "2026-11-25T01:00:00.000Z" });
  });

  test("waking up in time for a slot makes it an ordinary one", async () => {
    const { core, store, clock } = await openJobsBench();
    await core.jobs.add(jobOf({ misfire: { policy: "skip" } }), user);
    await clock.set(START + 5 * HOUR + 20 * SECOND);
    await settle();
    expect(await historyOf(store)).toEqual(["05:00 ok schedule after 4"]);
  });

  test("a one-shot that was slept through is caught up once, or turned off as missed", async () => {
    const first = await openJobsBench();
    const schedule = { kind: "at", at: new Date(START + HOUR).toISOString() } as const;
    const caught = await first.core.jobs.add(jobOf({ schedule }), user);
    const missed = await first.core.jobs.add(jobOf({ schedule, misfire: { policy: "skip" } }), user);
    await first.clock.set(START + DAY);
    await settle();
    expect(await first.core.jobs.get(caught.id)).toMatchObject({ enabled: false, nextRunAt: null, lastStatus: "ok" });
    expect(await first.core.jobs.get(missed.id)).toMatchObject({
      enabled: false,
      nextRunAt: null,
      lastStatus: "missed",
    });
    await first.clock.advance(DAY);
    expect(await historyOf(first.store)).toHaveLength(2);
  });
});

describe("no overlap", () => {
  test("a slot that finds the job running is skipped, and a press is refused", async () => {
    const gate = Promise.withResolvers<void>();
    const { core, store, clock } = await openJobsBench({ turns: [[{ wait: gate.promise }]] });
    const job = await core.jobs.add(jobOf({ timeoutSeconds: 100_000 }), user);
    await clock.advance(2 * HOUR);
    await expect(core.jobs.run(job.id)).rejects.toMatchObject({ code: "conflict" });
    expect((await core.jobs.get(job.id)).lastStatus).toBe("running");
    gate.resolve();
    await settle();
    await clock.advance(HOUR);
    expect(await historyOf(store)).toEqual(["01:00 ok schedule", "02:00 skipped schedule", "03:00 ok schedule"]);
  });

  test("not even by another gateway", async () => {
    const first = await openJobsBench({ turns: [[{ wait: never }]] });
    const second = await openBench({ clock: first.clock, folder: first.folder, turns: [[{ wait: never }]] });
    await first.core.jobs.add(jobOf({ timeoutSeconds: 100_000 }), user);
    await first.clock.advance(3 * HOUR);
    expect((await historyOf(first.store)).map((line) => line.slice(6))).toEqual([
      "running schedule",
      "skipped schedule",
      "skipped schedule",
    ]);
    expect(first.model.requests.length + second.model.requests.length).toBe(1);
  });

  test("a run ends with its time limit", async () => {
    const { core, store, clock } = await openJobsBench({ turns: [[{ wait: never }]] });
    const job = await core.jobs.add(jobOf({ timeoutSeconds: 60 }), user);
    await clock.advance(HOUR + 61 * SECOND);
    expect(await historyOf(store)).toEqual(["01:00 failed schedule"]);
    expect((await core.jobs.get(job.id)).state.lastError).toBe("The run passed its time limit");
  });
});

describe("by hand", () => {
  test("does not move the next slot, works while off, and twice in a moment is two firings", async () => {
    const { core, store } = await openJobsBench();
    const job = await core.jobs.add(jobOf({ enabled: false }), user);
    const pressed = await core.jobs.run(job.id);
    expect(pressed).toMatchObject({ cause: "manual", status: "running", jobId: job.id });
    await core.runs.wait(pressed.runId!, 60_000);
    await settle();
    await core.jobs.run(job.id);
    await settle();
    expect(await historyOf(store)).toEqual(["00:00 ok manual", "00:00 ok manual"]);
    expect(await core.jobs.get(job.id)).toMatchObject({ enabled: false, nextRunAt: null, lastStatus: "ok" });
  });

  test("a failure is shown, and not tried again", async () => {
    const { core, clock, store } = await openJobsBench({ turns: [[{ fail: new Error("no") }]] });
    const job = await core.jobs.add(
      jobOf({ schedule: { kind: "at", at: new Date(START + DAY).toISOString() }, enabled: false }),
      user,
    );
    await core.jobs.run(job.id);
    await settle();
    await clock.advance(2 * HOUR);
    expect(await historyOf(store)).toEqual(["00:00 failed manual"]);
    expect(await core.jobs.get(job.id)).toMatchObject({
      enabled: false,
      lastStatus: "failed",
      state: { consecutiveErrors: 0 },
    });
  });
});

test("jitter is the same for every gateway and stays before the next slot", async () => {
  const { core, clock, store } = await openJobsBench();
  const job = await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: MINUTE }, jitterSeconds: 86_400 }), user);
  await clock.advance(21 * MINUTE - 1);
  const slots = (await store.listSlots({ limit: 100, jobId: job.id })).toReversed();
  const delays = slots.map(({ slot, startedAt }) => Date.parse(startedAt) - Date.parse(slot));
  expect(slots.map(({ slot }) => slot.slice(14, 16))).toEqual(slots.map((_, i) => String(i + 1).padStart(2, "0")));
  expect(slots.length).toBeGreaterThanOrEqual(20);
  expect(delays.every((delay) => delay >= 0 && delay < MINUTE)).toBe(true);
  expect(new Set(delays).size).toBeGreaterThan(15);
});

test("old slots are dropped, and their claims a day later", async () => {
  const { core, clock, store } = await openJobsBench();
  const job = await core.jobs.add(jobOf({ schedule: { kind: "every", everyMs: DAY } }), user);
  const old = Array.from({ length: 1100 }, (_, i) => ({
    jobId: job.id,
    slot: new Date(START - (i + 1) * MINUTE).toISOString(),
    status: "ok" as const,
    cause: "schedule" as const,
    startedAt: new Date(START - (i + 1) * MINUTE).toISOString(),
  }));
  await store.commit({ claims: old });
  await clock.advance(HOUR + MINUTE);
  expect(await store.listSlots({ limit: 5000 })).toHaveLength(1000);
  await expect(store.commit({ claims: [old.at(-1)!] })).rejects.toMatchObject({ code: "conflict" });
});

import { expect, test } from "vitest";
import { newJob } from "../../../src/core/jobs/jobRules.ts";
import { nextFirings } from "../../../src/core/jobs/nextFirings.ts";
import { threadMs } from "../../fakes/threadMs.ts";
import { HOUR, jobOf, openJobsBench, user } from "./jobsBench.ts";

test("what fires when: of one job or all together, the soonest first, each as it will be", async () => {
  const { core, clock, store } = await openJobsBench();
  const daily = jobOf({ name: "Daily", schedule: { kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" } });
  await clock.set(Date.parse("2027-03-26T12:00:00Z"));
  const { id } = await core.jobs.add(daily, user);
  const late = await core.jobs.add(jobOf({ name: "Once", schedule: { kind: "at", at: "2027-03-28T00:00:00Z" } }), user);
  await core.jobs.add(jobOf({ name: "Off", enabled: false }), user);
  await core.jobs.add(jobOf({ name: "Next", schedule: { kind: "after", jobId: id, on: "ok" } }), user);
  const { firings, waiting } = await core.jobs.next({ count: 4 });
  // 02:30 is left out on the day when the clocks change.
  expect(firings.map(({ name, at }) => `${name} ${at.slice(5, 16)}`)).toEqual([
    "Daily 03-27T01:30",
    "Once 03-28T00:00",
    "Daily 03-28T01:00",
    "Daily 03-29T00:30",
  ]);
  expect(waiting).toMatchObject([{ name: "Next", schedule: { kind: "after" } }]);
  expect((await core.jobs.next({ id: late.id, count: 9 })).firings).toHaveLength(1);
  await expect(core.jobs.next({ id: "none", count: 1 })).rejects.toThrow(/No job/);
  await clock.advance(3 * 24 * HOUR);
  const fired = (await store.listSlots({ limit: 10 }))
    .filter(({ cause }) => cause === "schedule")
    .map(({ slot }) => slot);
  expect(fired.toReversed()).toEqual(firings.map(({ slot }) => slot));
});

test("jitter and retries are told as they will be", async () => {
  const { core, clock, store } = await openJobsBench({ turns: [[{ fail: new Error("down") }]] });
  const job = await core.jobs.add(jobOf({ jitterSeconds: 600 }), user);
  const [first] = (await core.jobs.next({ count: 1 })).firings;
  await clock.advance(HOUR + 15 * 60_000);
  expect((await store.listSlots({ jobId: job.id, limit: 9 })).at(-1)!.startedAt).toBe(first!.at);
  const failed = await core.jobs.get(job.id);
  const next = (await core.jobs.next({ count: 2 })).firings;
  if (failed.state.retryAt !== undefined) expect(next[0]).toMatchObject({ cause: "retry", at: failed.state.retryAt });
  else expect(next[0]!.cause).toBe("schedule");
});

test("of a thousand jobs the next five hundred firings are found at once, and leap days hold nothing up", async () => {
  const at = "2026-11-22T01:00:00.000Z";
  const listed = (n: number, expr: string) => ({
    ...newJob(
      jobOf({ name: `J${n}`, schedule: { kind: "cron", expr, tz: "Europe/Berlin" } }),
      { id: `job_${n}`, createdBy: user },
      Date.parse(at),
    ),
    nextRunAt: at,
  });
  const jobs = Array.from({ length: 1000 }, (_, n) => listed(n, `${n % 60} ${n % 24} ${(n % 28) + 1} * *`));
  await nextFirings(jobs, 1);
  const began = threadMs();
  const { firings } = await nextFirings(jobs, 500);
  // Walking all of them on took a minute.
  expect(threadMs() - began).toBeLessThan(5000);
  expect(firings).toHaveLength(500);
  expect(firings.map(({ at: time }) => time)).toEqual(firings.map(({ at: time }) => time).toSorted());
  let turns = 0;
  const beat = setInterval(() => (turns += 1), 1);
  expect((await nextFirings([listed(0, "0 0 29 2 *")], 500)).firings).toHaveLength(500);
  clearInterval(beat);
  expect(turns).toBeGreaterThan(5);
});

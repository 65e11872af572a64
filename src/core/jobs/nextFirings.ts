import { setImmediate } from "node:timers/promises";
import { isoTime } from "../../base/clock.ts";
import { isTimed, type Job, type NextFirings } from "../../protocol/job.ts";
import { dueTime, slotAfter } from "./jobTimes.ts";

const STRETCH_MS = 8;

/**
 * When jobs fire next, the soonest first: `count` firings of all of them together, retries among them. Those that wait for
 * something to happen are named apart, as nobody knows when it does.
 */
export async function nextFirings(jobs: Job[], count: number): Promise<NextFirings> {
  const on = jobs.filter(({ enabled }) => enabled);
  const heads = on.flatMap((job) => [
    ...retryOf(job),
    ...slotOf(job, job.nextRunAt === null ? null : Date.parse(job.nextRunAt)),
  ]);
  const firings: NextFirings["firings"] = [];
  let since = performance.now();
  // Of a thousand jobs only those are walked on whose turn it is. A leap day is far, so others go first now and then.
  while (firings.length < count && heads.length > 0) {
    if (performance.now() - since > STRETCH_MS) {
      await setImmediate();
      since = performance.now();
    }
    const index = heads.reduce((best, head, at) => (isBefore(head, heads[best]!) ? at : best), 0);
    const { job, next, ...firing } = heads[index]!;
    firings.push(firing);
    heads.splice(index, 1, ...(next === null ? [] : slotOf(job, slotAfter(job, next))));
  }
  const waiting = on
    .filter(({ schedule }) => !isTimed(schedule))
    .map(({ id, name, schedule }) => ({ jobId: id, name, schedule }));
  return { firings, waiting };
}

/** A job's next firing; `next`: the slot that the one after it is counted from. */
type Head = NextFirings["firings"][number] & { job: Job; next: number | null };

function isBefore(a: Head, b: Head): boolean {
  return a.at < b.at || (a.at === b.at && a.name.localeCompare(b.name) < 0);
}

function retryOf(job: Job): Head[] {
  const { retryAt } = job.state;
  if (retryAt === undefined) return [];
  return [{ jobId: job.id, name: job.name, slot: retryAt, at: retryAt, cause: "retry", job, next: null }];
}

function slotOf(job: Job, slot: number | null): Head[] {
  if (slot === null) return [];
  const at = isoTime(dueTime(job, slot));
  return [{ jobId: job.id, name: job.name, slot: isoTime(slot), at, cause: "schedule", job, next: slot }];
}

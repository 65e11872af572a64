import { isoTime } from "../../base/clock.ts";
import { isTimed, type Job, type NextFirings } from "../../protocol/job.ts";
import { dueTime, slotAfter } from "./jobTimes.ts";

/**
 * When jobs fire next, the soonest first: `count` firings of all of them together, retries among them. Those that wait for
 * something to happen are named apart, as nobody knows when it does.
 */
export function nextFirings(jobs: Job[], count: number): NextFirings {
  const on = jobs.filter(({ enabled }) => enabled);
  const firings = on
    .flatMap((job) => ofJob(job, count))
    .toSorted((a, b) => (a.at === b.at ? a.name.localeCompare(b.name) : a.at < b.at ? -1 : 1))
    .slice(0, count);
  const waiting = on
    .filter(({ schedule }) => !isTimed(schedule))
    .map(({ id, name, schedule }) => ({ jobId: id, name, schedule }));
  return { firings, waiting };
}

function ofJob(job: Job, count: number): NextFirings["firings"] {
  const { id, name, nextRunAt, state } = job;
  const found: NextFirings["firings"] = [];
  const { retryAt } = state;
  if (retryAt !== undefined) found.push({ jobId: id, name, slot: retryAt, at: retryAt, cause: "retry" });
  let slot = nextRunAt === null ? null : Date.parse(nextRunAt);
  for (let n = 0; n < count && slot !== null; n += 1) {
    found.push({ jobId: id, name, slot: isoTime(slot), at: isoTime(dueTime(job, slot)), cause: "schedule" });
    slot = slotAfter(job, slot);
  }
  return found;
}

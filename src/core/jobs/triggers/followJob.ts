import { visibleLine } from "../../../base/text/visible.ts";
import type { Job, SlotRecord } from "../../../protocol/job.ts";
import type { Happening } from "../fire.ts";
import type { JobParts } from "../jobParts.ts";
import { afterLoop, followed } from "./afterLoops.ts";

// As many ends as are counted at once.
const LOOKED_AT = 100;
// One that ended longer ago was missed: nothing ran.
const LATE_MS = 60_000;

/** What a job that follows another of `all` has not fired for yet: that one's newest end, and how many came before it. */
export async function unfollowed(
  job: Job,
  all: Job[],
  { store, clock }: Pick<JobParts, "store" | "clock">,
): Promise<Happening | undefined> {
  const { schedule, seen = "" } = job;
  if (schedule.kind !== "after") return undefined;
  const before = followed(job, all);
  if (!before || before.lastRunAt === null || afterLoop(job, all)) return undefined;
  const slots = await store.listSlots({ jobId: before.id, limit: LOOKED_AT });
  const ended = slots.filter((slot) => isEnd(slot, schedule.on) && endOf(slot) > seen);
  const newest = ended.toSorted((a, b) => (endOf(a) < endOf(b) ? 1 : -1))[0];
  if (!newest) return undefined;
  const slot = Date.parse(newest.finishedAt!);
  return {
    slot,
    cause: "after",
    started: `${visibleLine(before.name, 100)} ended ${schedule.on === "ok" ? "well" : "in failure"}`,
    missed: ended.length - 1,
    seen: endOf(newest),
    isLate: clock.now() - slot > LATE_MS,
  };
}

/** A failure that is tried again is no end yet. */
function isEnd({ status, retryAt, finishedAt }: SlotRecord, on: "ok" | "failed"): boolean {
  return status === on && retryAt === undefined && finishedAt !== undefined;
}

/** In the order in which they ended; two of one moment differ by their slots. */
function endOf({ finishedAt, slot }: SlotRecord): string {
  return `${finishedAt} ${slot}`;
}

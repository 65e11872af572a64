import { isoTime } from "../../../base/clock.ts";
import type { Job, SlotRecord } from "../../../protocol/job.ts";
import { voidReason } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";
import { isSpent } from "../retryPolicy.ts";
import type { SlotSettler } from "../settleSlots.ts";
import { writeSlot } from "../writeSlot.ts";
import { isConditionChanged, unmetCondition } from "./unmetCondition.ts";

/** A slot that is taken, and what waits for its condition. */
export interface Asking {
  held: SlotRecord;
  /** The job whose condition is asked. */
  asked: Job;
  /** Begins the slot's run. Only inside of `jobs.alone`. */
  begin(job: Job): Promise<unknown>;
}

export type AskParts = JobParts & { settler: SlotSettler };

const FAULT = "A job's condition could not be dealt with";

/** Asks the condition of a slot that is taken, outside of the job's turn, and begins its run or notes why not. Never rejects. */
export async function askCondition({ held, asked, begin }: Asking, parts: AskParts): Promise<void> {
  const waiting = parts.settler.hold(held);
  try {
    const ask = async () => ({
      unmet: await unmetCondition(asked, (await voidReason(asked, parts)) !== undefined, parts),
    });
    const answer = await writeSlot(held, FAULT, parts, ask);
    // Left as it is, it is found at the next start.
    if (!answer || parts.isClosed()) return;
    const again = await writeSlot(held, FAULT, parts, () => answered({ held, asked, begin }, answer, parts));
    if (again) await askCondition({ held, asked: again, begin }, parts);
  } finally {
    waiting.dispose();
  }
}

/** The job where it is to be asked again, as its condition is another by now. */
async function answered(
  { held, asked, begin }: Asking,
  { unmet }: { unmet: string | undefined },
  { jobs, clock }: AskParts,
): Promise<Job | undefined> {
  let again: Job | undefined;
  await jobs.alone(held.jobId, async (now) => {
    again = isAskedAgain(asked, now) ? now : undefined;
    if (again) return;
    const why = unmet ?? outdated(asked, now, held, clock.now());
    if (why === undefined) return void (await begin(now));
    const put: SlotRecord = { ...held, status: "skipped", error: why, finishedAt: isoTime(clock.now()) };
    await jobs.put({ ...now, lastStatus: "skipped" }, { slots: [{ put, expect: held }] });
  });
  return again;
}

/** A one-shot whose time has come has no later slot that would go by what its condition was changed to. */
function isAskedAgain(asked: Job, job: Job): boolean {
  const isLast = job.schedule.kind === "at" && job.nextRunAt === null;
  const isTurnedOff = asked.enabled && !job.enabled;
  return isLast && !isTurnedOff && isConditionChanged(asked, job);
}

/** Why what a job's condition said does not count any more: it was asked another one, or the job was turned off since. */
function outdated(asked: Job, job: Job, held: SlotRecord, now: number): string | undefined {
  if (isConditionChanged(asked, job)) return "Its condition, or where it is asked, was changed meanwhile";
  const isOff = asked.enabled && !job.enabled && !isSpent(job, held, now);
  return isOff ? "The job was turned off while its condition was asked" : undefined;
}

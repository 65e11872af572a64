import { createHash } from "node:crypto";
import { isoTime } from "../../base/clock.ts";
import { nextSlot } from "../../schedule/nextSlot.ts";
import { isTimed, type Job } from "../../protocol/job.ts";
import { seenUntil } from "./triggers/firstSeen.ts";
import { isAtWork } from "./triggers/isAtWork.ts";

const LONGEST_RETRY_MS = 3_600_000;

/** When a slot fires: up to `jitterSeconds` later, the same for every gateway, and before the slot that follows. */
export function dueTime(job: Job, slot: number): number {
  const wanted = (job.jitterSeconds ?? 0) * 1000;
  if (wanted === 0 || job.schedule.kind === "at") return slot;
  const gap = (slotAfter(job, slot) ?? Infinity) - slot;
  const share = createHash("sha256").update(`${job.id} ${slot}`).digest().readUInt32BE() / 2 ** 32;
  return slot + Math.floor(Math.min(wanted, gap) * share);
}

/** When there is something to do for a job next; Infinity for never. */
export function nextDue(job: Job): number {
  if (!job.enabled) return Infinity;
  const { retryAt } = job.state;
  return Math.min(
    job.nextRunAt === null ? Infinity : dueTime(job, Date.parse(job.nextRunAt)),
    // What is at work is tried again when that has ended.
    retryAt === undefined || isAtWork(job) ? Infinity : Date.parse(retryAt),
  );
}

export function slotAfter(job: Job, after: number): number | null {
  return nextSlot(job.schedule, after, Date.parse(job.createdAt));
}

/** Whether a job that has this next slot goes on: a one-shot whose time has come does not. */
export function goesOn({ schedule }: Pick<Job, "schedule">, next: number | string | null): boolean {
  return next !== null || !isTimed(schedule);
}

/** The job with its next slot counted from a time on; a one-shot whose time has come is off. */
export function advanced(job: Job, after: number): Job {
  const next = slotAfter(job, after);
  const { retryAt: _, ...state } = job.state;
  return { ...job, nextRunAt: toTime(next), enabled: job.enabled && goesOn(job, next), state };
}

/**
 * What a clock that was set back leaves to be done: a next slot, or a retry, that was computed in a future that is
 * not coming. Undefined when all is in order. `back`: by how much it was set back since the next slot was computed.
 */
export function realigned(job: Job, now: number, back = 0): Job | undefined {
  if (!job.enabled) return undefined;
  // What it follows ends now, not when the clock showed more.
  if (job.schedule.kind === "after" && (job.seen ?? "") > seenUntil(now)) return { ...job, seen: seenUntil(now) };
  const moved = job.schedule.kind === "every" ? movedInterval(job, now, back) : nearerSlot(job, now);
  const isRetryFar = job.state.retryAt !== undefined && Date.parse(job.state.retryAt) > now + LONGEST_RETRY_MS;
  if (!moved && !isRetryFar) return undefined;
  return {
    ...job,
    ...moved,
    ...(isRetryFar ? { state: { ...job.state, retryAt: isoTime(now + LONGEST_RETRY_MS) } } : {}),
  };
}

type Moved = Pick<Job, "nextRunAt"> & Partial<Pick<Job, "schedule">>;

/** What is bound to the clock fires when the clock says so, and no slot twice. */
function nearerSlot(job: Job, now: number): Moved | undefined {
  const next = slotAfter(job, now);
  return job.nextRunAt !== null && next !== null && next < Date.parse(job.nextRunAt)
    ? { nextRunAt: toTime(next) }
    : undefined;
}

/** An interval goes on as if the clock had not been touched: as long to wait as before, and never longer than itself. */
function movedInterval({ schedule, nextRunAt }: Job, now: number, back: number): Moved | undefined {
  if (schedule.kind !== "every" || nextRunAt === null) return undefined;
  const { everyMs } = schedule;
  const before = Date.parse(nextRunAt);
  // An anchor that is still to come is a moment, which comes when the clock says so.
  if (before === schedule.anchorMs) return undefined;
  if (back <= 0 && before <= now + everyMs) return undefined;
  let next = Math.max(now, Math.min(before - Math.max(back, 0), now + everyMs));
  // The slots of the hour that comes again are taken.
  if (next !== before && (before - next) % everyMs === 0) next += 1;
  return { nextRunAt: toTime(next), schedule: { ...schedule, anchorMs: Math.max(0, next - everyMs) } };
}

export function toTime(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

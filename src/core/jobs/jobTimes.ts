import { createHash } from "node:crypto";
import { isoTime } from "../../base/clock.ts";
import { nextSlot } from "../../schedule/nextSlot.ts";
import type { Job } from "../../protocol/job.ts";

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
  return Math.min(
    job.nextRunAt === null ? Infinity : dueTime(job, Date.parse(job.nextRunAt)),
    job.state.retryAt === undefined ? Infinity : Date.parse(job.state.retryAt),
  );
}

export function slotAfter(job: Job, after: number): number | null {
  return nextSlot(job.schedule, after, Date.parse(job.createdAt));
}

/** The job with its next slot counted from a time on; a one-shot whose time has come is off. */
export function advanced(job: Job, after: number): Job {
  const next = slotAfter(job, after);
  const { retryAt: _, ...state } = job.state;
  return { ...job, nextRunAt: toTime(next), enabled: job.enabled && next !== null, state };
}

/**
 * What a clock that was set back leaves to be done: a next slot, or a retry, that was computed in a future that is
 * not coming. Undefined when all is in order.
 */
export function realigned(job: Job, now: number): Job | undefined {
  if (!job.enabled) return undefined;
  const next = slotAfter(job, now);
  const isFar = job.nextRunAt !== null && next !== null && next < Date.parse(job.nextRunAt);
  const isRetryFar = job.state.retryAt !== undefined && Date.parse(job.state.retryAt) > now + LONGEST_RETRY_MS;
  if (!isFar && !isRetryFar) return undefined;
  return {
    ...job,
    ...(isFar ? { nextRunAt: toTime(next) } : {}),
    ...(isRetryFar ? { state: { ...job.state, retryAt: isoTime(now + LONGEST_RETRY_MS) } } : {}),
  };
}

export function toTime(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

import { createHash } from "node:crypto";
import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { nextSlot } from "../../schedule/nextSlot.ts";
import { fromWall, isZone, localZone, toWall } from "../../schedule/zoneTime.ts";
import { isTimed, type Job, type Schedule } from "../../protocol/job.ts";
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

/** The job with its next slot counted from a time on. */
export function withNext(job: Job, after: number): Job {
  const { nextRunZone: _, ...rest } = job;
  return { ...rest, nextRunAt: toTime(slotAfter(job, after)), ...defined({ nextRunZone: machineZone(job.schedule) }) };
}

/** The machine's zone, where it is the one that a schedule's times are of. */
function machineZone(schedule: Schedule): string | undefined {
  const isOfMachine =
    schedule.kind === "cron"
      ? schedule.tz === undefined
      : schedule.kind === "at" && !/(?:Z|[+-]\d\d:\d\d)$/i.test(schedule.at);
  return isOfMachine ? localZone() : undefined;
}

/** The zone that the machine has now, and the one that it had when a job's slot was counted: where it counts, and is another. */
function otherZone({ schedule, nextRunZone }: Pick<Job, "schedule" | "nextRunZone">) {
  const now = machineZone(schedule);
  // Not every program that may lead here knows the same zones.
  return now === undefined || nextRunZone === undefined || nextRunZone === now || !isZone(nextRunZone)
    ? undefined
    : { now, before: nextRunZone };
}

/** When the time of a one-shot came, or comes: by the zone that the machine had when its slot was counted. */
export function oneShotTime(at: string, job: Pick<Job, "schedule" | "nextRunZone">): number {
  const zone = otherZone(job);
  return zone ? fromWall(Date.parse(`${at}Z`), zone.before) : Date.parse(at);
}

/** Whether a job that has this next slot goes on: a one-shot whose time has come does not. */
export function goesOn({ schedule }: Pick<Job, "schedule">, next: number | string | null): boolean {
  return next !== null || !isTimed(schedule);
}

/** The job with its next slot counted from a time on; a one-shot whose time has come is off. */
export function advanced(job: Job, after: number): Job {
  const next = withNext(job, after);
  const { retryAt: _, ...state } = job.state;
  return { ...next, enabled: job.enabled && goesOn(job, next.nextRunAt), state };
}

/**
 * What a clock that was set back leaves to be done: a next slot, or a retry, that was computed in a future that is
 * not coming; and a next slot that is another one by now, as the machine's zone is. Undefined when all is in order.
 * `back`: by how much it was set back since the next slot was computed.
 */
export function realigned(job: Job, now: number, back = 0): Job | undefined {
  if (!job.enabled) return undefined;
  // What it follows ends now, not when the clock showed more.
  if (job.schedule.kind === "after" && (job.seen ?? "") > seenUntil(now)) return { ...job, seen: seenUntil(now) };
  const moved = job.schedule.kind === "every" ? movedInterval(job, now, back) : countedSlot(job, now);
  const isRetryFar = job.state.retryAt !== undefined && Date.parse(job.state.retryAt) > now + LONGEST_RETRY_MS;
  if (!moved && !isRetryFar) return undefined;
  return {
    ...job,
    ...moved,
    ...(isRetryFar ? { state: { ...job.state, retryAt: isoTime(now + LONGEST_RETRY_MS) } } : {}),
  };
}

type Moved = Pick<Job, "nextRunAt" | "nextRunZone"> & Partial<Pick<Job, "schedule">>;

/** What is bound to the clock fires when the clock says so, in the zone that the machine has now, and no slot twice. */
function countedSlot(job: Job, now: number): Moved | undefined {
  if (job.nextRunAt === null) return undefined;
  const before = Date.parse(job.nextRunAt);
  const zone = machineZone(job.schedule);
  if (job.schedule.kind === "at") {
    const at = Date.parse(job.schedule.at);
    return at === before ? undefined : { nextRunAt: toTime(at), ...defined({ nextRunZone: zone }) };
  }
  // One whose time came while nothing ran was due, wherever that was.
  if (before <= now) return undefined;
  const slot = leftOut(job, before, now) ?? slotAfter(job, now) ?? before;
  if (slot === before && zone === job.nextRunZone) return undefined;
  return { nextRunAt: toTime(slot), ...defined({ nextRunZone: zone }) };
}

/** The next slot by the clock of the zone that the machine has now, where that clock was past it when it came: it was missed. */
function leftOut(job: Job, before: number, now: number): number | undefined {
  const zone = otherZone(job);
  if (!zone) return undefined;
  const slot = fromWall(toWall(before, zone.before), zone.now);
  // Open hours go on: it has fired since, or was made later.
  const since = Math.max(Date.parse(job.updatedAt), Date.parse(job.lastRunAt ?? job.updatedAt));
  return slot > since && slot <= now ? slot : undefined;
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

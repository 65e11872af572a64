import { createTask, validateDetailed } from "node-cron";
import type { Schedule } from "../protocol/job.ts";
import { AppError } from "./appError.ts";

/** Finds the next time an expression matches, strictly after a date. Throws when it never does. */
interface NextMatch {
  getNextMatch(date: Date): Date;
}

const matchers = new Map<string, NextMatch>();
const KEEP = 500;

/** The machine's IANA zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The first slot strictly after `after`, in milliseconds since 1970, or null when there is none. `anchor` is where an
 * interval counts from. Inside a DST gap a cron slot is left out; in an overlap it comes once.
 */
export function nextSlot(schedule: Schedule, after: number, anchor: number): number | null {
  if (schedule.kind === "at") {
    const at = Date.parse(schedule.at);
    return at > after ? at : null;
  }
  if (schedule.kind === "every") {
    const passed = Math.max(0, Math.floor((after - anchor) / schedule.everyMs));
    return anchor + (passed + 1) * schedule.everyMs;
  }
  try {
    return cronMatcher(schedule.expr, schedule.tz ?? localZone())
      .getNextMatch(new Date(after))
      .getTime();
  } catch {
    return null;
  }
}

/** Throws a bad_request that says what is wrong with a schedule: expression, zone, interval, a time in the past. */
export function checkSchedule(schedule: Schedule, now: number): void {
  if (schedule.kind === "every") {
    if (schedule.everyMs < 1000) throw wrong("schedule.everyMs", "must be at least 1000 milliseconds");
    return;
  }
  if (schedule.kind === "at") {
    const at = Date.parse(schedule.at);
    if (Number.isNaN(at)) throw wrong("schedule.at", `${JSON.stringify(schedule.at)} is not an ISO 8601 time`);
    if (at <= now) throw wrong("schedule.at", `${schedule.at} has passed already`);
    return;
  }
  const { valid, errors } = validateDetailed(schedule.expr);
  const fields = schedule.expr.trim().split(/\s+/).length;
  if (!valid || (!schedule.expr.startsWith("@") && fields !== 5 && fields !== 6)) {
    throw wrong(
      "schedule.expr",
      `${JSON.stringify(schedule.expr)} is not a cron expression${errors[0] ? `: ${errors[0].message}` : ""}`,
    );
  }
  if (schedule.tz !== undefined && !isZone(schedule.tz)) {
    throw wrong("schedule.tz", `${JSON.stringify(schedule.tz)} is not an IANA time zone such as "Europe/Berlin"`);
  }
  if (nextSlot(schedule, now, now) === null)
    throw wrong("schedule.expr", `${JSON.stringify(schedule.expr)} never fires`);
}

export function isZone(zone: string): boolean {
  // An offset such as "+02:00" would be accepted by Intl, and has no daylight saving.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function cronMatcher(expr: string, zone: string): NextMatch {
  const key = `${zone} ${expr}`;
  const known = matchers.get(key);
  if (known) return known;
  const task = createTask(expr, () => {}, { timezone: zone });
  // The public call counts from the machine's clock only; the task's matcher takes any time.
  const { timeMatcher } = task as unknown as { timeMatcher: NextMatch };
  void task.destroy();
  if (matchers.size >= KEEP) matchers.clear();
  matchers.set(key, timeMatcher);
  return timeMatcher;
}

function wrong(path: string, message: string): AppError {
  return new AppError("bad_request", `${path} ${message}`, { details: [{ path, message }] });
}

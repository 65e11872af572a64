import type { Schedule } from "../protocol/job.ts";
import { parseCron } from "./cronExpression.ts";
import { nextCronTime } from "./cronTime.ts";
import { localZone } from "./zoneTime.ts";

const MOST_COUNTED = 1000;
const LONGEST_LOOK_BACK_MS = 2 ** 41;
/** The last moment that a date can tell. */
const END_OF_TIME = 8.64e15;

/**
 * The first slot strictly after `after`, in milliseconds since 1970, or null when there is none. An interval without
 * an anchor of its own counts from `anchor`.
 */
export function nextSlot(schedule: Schedule, after: number, anchor: number): number | null {
  if (schedule.kind === "at") {
    const at = Date.parse(schedule.at);
    return at > after ? at : null;
  }
  if (schedule.kind === "every") {
    const start = schedule.anchorMs ?? anchor;
    const passed = Math.floor((after - start) / schedule.everyMs);
    // An anchor that is still to come is the first slot itself.
    const next = after < start ? start : start + (passed + 1) * schedule.everyMs;
    return next <= END_OF_TIME ? next : null;
  }
  // What waits for something to happen has no slot beforehand.
  if (schedule.kind !== "cron") return null;
  const cron = parseCron(schedule.expr);
  return cron ? nextCronTime(cron, schedule.tz ?? localZone(), after) : null;
}

/** The newest slot from `first` on that is not after `now`, and how many came before it (1000 are counted). `first` is a slot. */
export function lastSlot(
  schedule: Schedule,
  first: number,
  now: number,
  anchor: number,
): { slot: number; before: number } {
  let before = 0;
  let slot = first;
  for (; before < MOST_COUNTED; before++) {
    const next = nextSlot(schedule, slot, anchor);
    if (next === null || next > now) return { slot, before };
    slot = next;
  }
  // Too many to walk: reaches back from now in longer and longer steps, then closes in.
  const hasSlotSince = (time: number) => (nextSlot(schedule, time, anchor) ?? Infinity) <= now;
  let back = 1000;
  while (back < LONGEST_LOOK_BACK_MS && !hasSlotSince(now - back)) back *= 2;
  let low = now - back;
  for (let high = now; high - low > 1;) {
    const middle = Math.floor((low + high) / 2);
    if (hasSlotSince(middle)) low = middle;
    else high = middle;
  }
  return { slot: nextSlot(schedule, low, anchor) ?? slot, before };
}

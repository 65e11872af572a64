import { firesOn } from "./cronDays.ts";
import type { CronExpression } from "./cronExpression.ts";
import { startOfDay, toWall, zoneDay, type ZoneDay } from "./zoneTime.ts";

const DAY_MS = 86_400_000;
// The rarest expression, a fifth Monday in February, comes every 28 years, and 40 around 2100.
const SEARCHED_DAYS = 366 * 50;

/**
 * The first time after `after` that an expression fires in a zone, or null when it never does. Where the clocks change,
 * an expression with given hours fires once for each time on the wall: at the first of two, and at the end of the gap
 * when it is left out. One with open hours goes on with the time that really passes.
 */
export function nextCronTime(cron: CronExpression, zone: string, after: number): number | null {
  const from = Math.floor(after / 1000) * 1000 + 1000;
  let day = startOfDay(toWall(from, zone));
  for (let searched = 0; searched < SEARCHED_DAYS; searched++, day += DAY_MS) {
    const year = new Date(day).getUTCFullYear();
    const nextYear = cron.years ? cron.years.find((allowed) => allowed >= year) : year;
    if (nextYear === undefined) return null;
    if (nextYear > year) day = Date.UTC(nextYear, 0, 1);
    if (!firesOn(cron, day)) continue;
    const time = firstTime(cron, day, zoneDay(day, zone), from);
    if (time !== undefined) return time;
  }
  return null;
}

function firstTime(
  cron: CronExpression,
  day: number,
  { stretches, change }: ZoneDay,
  from: number,
): number | undefined {
  const times: number[] = [];
  for (const stretch of stretches) {
    const isRepeat = change && !cron.elapsed && stretch.from >= change.at;
    const begin = Math.max(
      stretch.from + stretch.offset,
      isRepeat ? change.at + change.before : 0,
      from + stretch.offset,
    );
    const wall = firstWall(cron, begin - day, stretch.to + stretch.offset - day);
    if (wall !== undefined) times.push(day + wall - stretch.offset);
  }
  if (change && !cron.elapsed && change.at >= from && change.after > change.before) {
    const begin = Math.max(change.at + change.before, day);
    const end = Math.min(change.at + change.after, day + DAY_MS);
    if (begin < end && firstWall(cron, begin - day, end - day) !== undefined) times.push(change.at);
  }
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The first time of day that an expression allows from `from` on and before `to`, in milliseconds since midnight. */
function firstWall({ hours, minutes, seconds }: CronExpression, from: number, to: number): number | undefined {
  for (const hour of hours) {
    if ((hour + 1) * 3_600_000 <= from) continue;
    for (const minute of minutes) {
      if (hour * 3_600_000 + (minute + 1) * 60_000 <= from) continue;
      for (const second of seconds) {
        const time = hour * 3_600_000 + minute * 60_000 + second * 1000;
        if (time >= to) return undefined;
        if (time >= from) return time;
      }
    }
  }
  return undefined;
}

import type { CronExpression } from "./cronExpression.ts";

const DAY_MS = 86_400_000;

/**
 * Whether an expression fires on a day, given as its midnight in UTC. As in every cron since 1979, a day of the month
 * and a day of the week that are both restricted are alternatives: one of them has to fit, unless a "+" asks for both.
 */
export function firesOn(cron: CronExpression, midnight: number): boolean {
  const date = new Date(midnight);
  if (!cron.months.includes(date.getUTCMonth() + 1)) return false;
  const fitsDay = cron.anyDay || isDay(cron.days, date);
  const fitsWeekday = cron.anyWeekday || isWeekday(cron.weekdays, date);
  if (cron.bothDays || cron.anyDay || cron.anyWeekday) return fitsDay && fitsWeekday;
  return fitsDay || fitsWeekday;
}

function isDay(days: (number | string)[], date: Date): boolean {
  const day = date.getUTCDate();
  const last = lastDay(date);
  return days.some((value) => {
    if (typeof value === "number") return value === day;
    if (value === "L") return day === last;
    if (value.startsWith("L-")) return day === last - Number(value.slice(2));
    return day === nearestWorkday(date, value === "LW" ? last : Number.parseInt(value, 10));
  });
}

function isWeekday(weekdays: (number | string)[], date: Date): boolean {
  const weekday = date.getUTCDay();
  const day = date.getUTCDate();
  return weekdays.some((value) => {
    if (typeof value === "number") return value === weekday;
    if (Number.parseInt(value, 10) % 7 !== weekday) return false;
    return value.endsWith("L") ? day > lastDay(date) - 7 : Math.ceil(day / 7) === Number(value.split("#")[1]);
  });
}

/** The day from Monday to Friday that is nearest to `target`, in the same month; NaN when the month has no such day. */
function nearestWorkday(date: Date, target: number): number {
  const last = lastDay(date);
  if (target > last) return Number.NaN;
  const weekday = new Date(date.getTime() + (target - date.getUTCDate()) * DAY_MS).getUTCDay();
  if (weekday === 6) return target === 1 ? 3 : target - 1;
  if (weekday === 0) return target === last ? target - 2 : target + 1;
  return target;
}

function lastDay(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

import type { Schedule } from "../protocol/job.ts";
import { clockWords, durationWords } from "./clockWords.ts";
import { MONTHS, ORDINALS, ordinalWords, WEEKDAYS } from "./dayWords.ts";
import { localZone, toWall } from "./zoneTime.ts";
import { nameTable } from "../base/nameTable.ts";

const DAY_MS = 86_400_000;

const NICKNAMES = nameTable<string>({
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
});

/**
 * A schedule in English words, as in "every weekday at 09:00 (Europe/Berlin)". What has no short words is shown as the
 * expression that it is. `toScheduleFromWords` reads most of it back.
 */
export function describeSchedule(schedule: Schedule, zone: string = localZone()): string {
  // "Every day" would be at a time of day.
  if (schedule.kind === "every")
    return schedule.everyMs === DAY_MS ? "every 24 hours" : `every ${durationWords(schedule.everyMs)}`;
  if (schedule.kind === "file") return `when ${schedule.glob} changes`;
  if (schedule.kind === "exit") return `when ${schedule.command} ends`;
  if (schedule.kind === "after")
    return `after ${schedule.jobId} ${schedule.on === "ok" ? "has succeeded" : "has failed"}`;
  if (schedule.kind === "at") {
    const wall = new Date(toWall(Date.parse(schedule.at), zone)).toISOString();
    return `once, on ${wall.slice(0, 10)} at ${wall.slice(11, 16)} (${zone})`;
  }
  const expr = schedule.expr.trim();
  const words = cronWords(NICKNAMES[expr.toLowerCase()] ?? expr) ?? expr;
  return `${words} (${schedule.tz ?? zone})`;
}

function cronWords(expr: string): string | undefined {
  const fields = expr.split(/\s+/).map((field) => (field === "?" ? "*" : field));
  // With a seconds field of 0 it says the same as without.
  if (fields.length === 6 && fields[0] === "0") fields.shift();
  if (fields.length !== 5) return undefined;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const days = daysWords(day, month, weekday);
  if (days === undefined) return undefined;
  const times = timesWords(minute, hour);
  if (times !== undefined) return `${days} at ${times}`;
  const often = oftenWords(minute, hour);
  return often && (days === "every day" ? often : `${often}, ${days}`);
}

function timesWords(minute: string, hour: string): string | undefined {
  if (!isNumber(minute) || !/^\d+(,\d+)*$/.test(hour)) return undefined;
  return hour
    .split(",")
    .map((each) => clockWords({ hour: Number(each), minute: Number(minute) }))
    .join(" and ");
}

function oftenWords(minute: string, hour: string): string | undefined {
  if (hour !== "*") return undefined;
  if (minute === "*" || minute === "*/1") return "every minute";
  const step = /^\*\/(\d+)$/.exec(minute);
  // Any other step starts anew at each hour, so it is no interval.
  if (step && 60 % Number(step[1]) === 0) return `every ${durationWords(Number(step[1]) * 60_000)}`;
  if (minute === "0") return "every hour";
  return isNumber(minute) ? `every hour at minute ${minute}` : undefined;
}

function daysWords(day: string, month: string, weekday: string): string | undefined {
  if (month !== "*") {
    const name = isNumber(month) ? MONTHS[Number(month) - 1] : undefined;
    return name && isNumber(day) && weekday === "*" ? `every year on ${name} ${day}` : undefined;
  }
  if (day === "*") return weekdayWords(weekday);
  if (weekday !== "*") return undefined;
  if (day === "L") return "on the last day of each month";
  return isNumber(day) ? `on the ${ordinalWords(Number(day))} of each month` : undefined;
}

function weekdayWords(field: string): string | undefined {
  if (field === "*") return "every day";
  const numbers = field.toLowerCase().replaceAll(/[a-z]{3,}/g, (name) => String(dayNumber(name)));
  if (numbers === "1-5") return "every weekday";
  if (numbers === "0,6" || numbers === "6,0") return "every weekend";
  const special = /^([0-7])(?:#([1-5])|l)$/.exec(numbers);
  if (special) {
    const which = special[2] === undefined ? "last" : ORDINALS[Number(special[2]) - 1];
    return `on the ${which} ${WEEKDAYS[Number(special[1]) % 7]} of each month`;
  }
  const range = /^([0-7])-([0-7])$/.exec(numbers);
  if (range) return `every ${WEEKDAYS[Number(range[1]) % 7]} to ${WEEKDAYS[Number(range[2]) % 7]}`;
  if (!/^[0-7](,[0-7])*$/.test(numbers)) return undefined;
  const names = numbers.split(",").map((each) => WEEKDAYS[Number(each) % 7]!);
  return `every ${names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0]}`;
}

function dayNumber(name: string): number {
  return WEEKDAYS.findIndex((day) => day.startsWith(name));
}

function isNumber(field: string): boolean {
  return /^\d+$/.test(field);
}

import type { Schedule } from "../protocol/job.ts";

/** The parts a sentence needs from the editor: its language, its machine's zone, and what time it is. */
export interface Locale {
  language: string;
  timeZone: string;
  now: number;
}

/** A schedule as a person would say it: "every 5 min.", "at 09:00, Monday to Friday". An expression that has no short words stays as it is. */
export function scheduleWords(schedule: Schedule, locale: Locale): string {
  if (schedule.kind === "every") return `every ${durationWords(schedule.everyMs, locale.language)}`;
  if (schedule.kind === "at") return `once, ${timeWords(Date.parse(schedule.at), locale)}`;
  const words = cronWords(schedule.expr, locale.language) ?? schedule.expr;
  return schedule.tz && schedule.tz !== locale.timeZone ? `${words} (${schedule.tz})` : words;
}

/** "Mon, Nov 23, 09:00 GMT+1": the machine's own time, with its zone. */
export function timeWords(time: number, { language, timeZone, now }: Locale): string {
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    month: "short",
    day: "numeric",
    ...(sameYear ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
    timeZoneName: "short",
  }).format(time);
}

const DURATIONS: [unit: string, ms: number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

function durationWords(ms: number, language: string): string {
  const [unit, size] = DURATIONS.find(([, size]) => ms >= size && ms % size === 0) ?? ["second", 1000];
  const count = ms / size;
  if (count === 1) return unit;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

function cronWords(expr: string, language: string): string | undefined {
  const fields = expr.trim().split(/\s+/);
  // With a seconds field of 0 it says the same as without.
  if (fields.length === 6 && fields[0] === "0") fields.shift();
  if (fields.length !== 5) return undefined;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  if (month !== "*") return undefined;
  const days = daysWords(day, weekday, language);
  if (days === undefined) return undefined;
  const every = /^\*\/(\d+)$/.exec(minute);
  if (hour === "*" && minute === "*") return `every minute${comma(days)}`;
  if (hour === "*" && every) return `every ${durationWords(Number(every[1]) * 60_000, language)}${comma(days)}`;
  if (hour === "*" && isNumber(minute)) {
    return minute === "0" ? `every hour${comma(days)}` : `every hour at minute ${minute}${comma(days)}`;
  }
  if (isNumber(hour) && isNumber(minute)) return `at ${pad(hour)}:${pad(minute)}, ${days || "every day"}`;
  return undefined;
}

/** "" for every day, undefined for what has no short words. */
function daysWords(day: string, weekday: string, language: string): string | undefined {
  if (day === "*" && weekday === "*") return "";
  if (weekday === "*" && isNumber(day)) return `on day ${day} of the month`;
  if (day !== "*") return undefined;
  const range = /^(\w+)-(\w+)$/.exec(weekday);
  if (range) {
    const [from, to] = [dayName(range[1]!, language), dayName(range[2]!, language)];
    return from && to ? `${from} to ${to}` : undefined;
  }
  const names = weekday.split(",").map((name) => dayName(name, language));
  return names.includes(undefined) ? undefined : names.join(", ");
}

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function dayName(field: string, language: string): string | undefined {
  const index = /^[0-7]$/.test(field) ? Number(field) % 7 : DAYS.indexOf(field.toUpperCase());
  if (index < 0) return undefined;
  // 1 January 2023 was a Sunday.
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2023, 0, 1 + index));
}

function comma(words: string): string {
  return words && `, ${words}`;
}

function isNumber(field: string): boolean {
  return /^\d+$/.test(field);
}

function pad(field: string): string {
  return field.padStart(2, "0");
}

import { MONTHS, WEEKDAYS } from "./dayWords.ts";
import { describeSchedule } from "./describeSchedule.ts";
import type { Schedule } from "../protocol/job.ts";
import { fromWall, toWall } from "./zoneTime.ts";

/** The parts a sentence needs from the editor: its language, its machine's zone, and what time it is. */
export interface Locale {
  language: string;
  timeZone: string;
  now: number;
}

const NAMES = new RegExp(`\\b(?:${[...WEEKDAYS, ...MONTHS].join("|")})\\b`, "g");

/** A schedule as a person would say it: "every Monday at 09:00". The zone is named only when it is not the machine's. */
export function scheduleWords(schedule: Schedule, locale: Locale): string {
  if (schedule.kind === "at") return `once, ${timeWords(Date.parse(schedule.at), locale)}`;
  const words = describeSchedule(schedule, locale.timeZone).replace(
    NAMES,
    (name) => name[0]!.toUpperCase() + name.slice(1),
  );
  const own = ` (${locale.timeZone})`;
  return words.endsWith(own) ? words.slice(0, -own.length) : words;
}

/** "2026-11-23 09:00", with its seconds where it has any: as it may be typed. In UTC for the hour that comes twice in autumn. */
export function momentWords(time: number, timeZone: string): string {
  const wall = toWall(time, timeZone);
  if (fromWall(wall, timeZone) !== time) return new Date(time).toISOString();
  return new Date(wall)
    .toISOString()
    .replace("T", " ")
    .replace(/(?::00)?(?:\.\d+)?Z$/, "");
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

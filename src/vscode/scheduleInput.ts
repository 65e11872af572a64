import type { Schedule } from "../protocol/job.ts";

/** What was typed as a schedule, or why it is none. */
export type ParsedSchedule = { schedule: Schedule; error?: undefined } | { schedule?: undefined; error: string };

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DAY = /^(sun|mon|tue|wed|thu|fri|sat)\b/i;
const DURATION = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)(?:ec(?:onds?)?|in(?:utes?)?|ours?|r|ays?)?\.?$/i;

/**
 * Reads "every 10 min", "in 20 min", "09:00", "2026-12-24 18:00" or a cron expression, optionally followed by a zone as
 * in "0 9 * * 1-5 Europe/Berlin". Times without a zone are the machine's.
 */
export function parseSchedule(text: string, now: number): ParsedSchedule {
  const typed = text.trim();
  if (typed === "") return { error: "Type a schedule, as in: every 10 min" };
  const [first = "", rest = ""] = split(typed);
  if (first.toLowerCase() === "every") return parseEvery(rest);
  if (first.toLowerCase() === "in") {
    const ms = parseDuration(rest);
    return ms === undefined ? { error: `"${rest}" is no duration, as in: 20 min` } : at(now + ms, now);
  }
  const clock = /^(?:at\s+)?(\d{1,2}):(\d{2})$/i.exec(typed);
  if (clock) return parseClock(Number(clock[1]), Number(clock[2]), now);
  if (/^\d{4}-\d\d-\d\d/.test(typed)) {
    const time = Date.parse(typed.replace(" ", "T"));
    return Number.isNaN(time) ? { error: `"${typed}" is no date, as in: 2026-12-24 18:00` } : at(time, now);
  }
  return parseCron(typed);
}

/** Milliseconds of "20 min", "1.5h", "2 days". */
export function parseDuration(text: string): number | undefined {
  const found = DURATION.exec(text.trim());
  return found ? Number(found[1]) * UNIT_MS[found[2]!.toLowerCase()]! : undefined;
}

function parseEvery(text: string): ParsedSchedule {
  const everyMs = parseDuration(/^\d/.test(text) ? text : `1 ${text}`);
  if (everyMs === undefined) return { error: `"${text}" is no duration, as in: every 10 min` };
  return everyMs < 1000 ? { error: "The shortest interval is one second." } : { schedule: { kind: "every", everyMs } };
}

function parseClock(hours: number, minutes: number, now: number): ParsedSchedule {
  if (hours > 23 || minutes > 59) return { error: `There is no ${hours}:${String(minutes).padStart(2, "0")} o'clock.` };
  const next = new Date(now);
  next.setHours(hours, minutes, 0, 0);
  if (next.getTime() <= now) next.setDate(next.getDate() + 1);
  return at(next.getTime(), now);
}

function at(time: number, now: number): ParsedSchedule {
  if (time <= now) return { error: "That time has passed." };
  return { schedule: { kind: "at", at: new Date(time).toISOString() } };
}

/** A cron expression in form only: whether it ever fires is `checkSchedule`'s to say. */
function parseCron(text: string): ParsedSchedule {
  const fields = text.split(/\s+/);
  const tz =
    fields.length > 5 && /^[A-Za-z]/.test(fields.at(-1)!) && !DAY.test(fields.at(-1)!) ? fields.pop() : undefined;
  if (fields.length !== 5 && fields.length !== 6) {
    return { error: "Type: every 10 min, in 2 h, 18:30, or five cron fields: minute hour day month weekday" };
  }
  return { schedule: { kind: "cron", expr: fields.join(" "), ...(tz ? { tz } : {}) } };
}

function split(text: string): [string, string] {
  const space = text.search(/\s/);
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space).trim()];
}

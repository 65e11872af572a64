import type { Schedule } from "../protocol/job.ts";
import { isoTime } from "../base/clock.ts";
import { defined } from "../base/defined.ts";
import { type ClockTime, toClockTime, toDigits, toDuration } from "./clockWords.ts";
import { toDayOfMonth, toMonth, toOrdinal, toWeekday } from "./dayWords.ts";
import { toEnglishWords } from "./germanWords.ts";
import { timeWithin, toTimes } from "./timesWords.ts";
import { fromWall, startOfDay, toWall } from "./zoneTime.ts";
import { splitZone } from "./zoneWords.ts";

const DAY_MS = 86_400_000;
const LAST_MOMENT = 8.64e15;
const NINE: ClockTime = { hour: 9, minute: 0 };

/**
 * What somebody said as a schedule: "every weekday at 9", "in 20 minutes", "tomorrow at 8:30", "every 2 hours", "every
 * monday and thursday at 17:00", "on the 1st of each month at 9". Times are those of `zone`, or of one named at the
 * end. A day without a time means 9:00. Undefined for what is not understood, so that nobody is reminded by a guess. A moment
 * that is said in full may have passed.
 */
export function toScheduleFromWords(words: string, now: number, zone: string): Schedule | undefined {
  const { text, tz } = splitZone(words, zone);
  const plain = toEnglishWords(text).replace(/^((please|remind me|run) )+/, "");
  const moment = tz === undefined ? undefined : toIsoMoment(plain, tz);
  // One that says its offset has no zone behind it.
  if (moment) return moment.hasOffset && !/\dz?$/i.test(words.trim()) ? undefined : toOnce(moment.time);
  const said = inOrder(toDigits(plain.replace(/,? please$/, "")));
  if (tz === undefined || said === "") return undefined;
  return toInterval(said, now) ?? toRepeated(said, tz) ?? toMoment(said, now, tz);
}

const TIME = "(?:(?:(?:half|quarter) (?:past|to) )?\\d{1,2}(?:[:.]\\d{2})?\\s?(?:am|pm|o'clock)?|noon|midnight)";
const TIME_FIRST = new RegExp(
  `^(?:at )?(${TIME}(?:(?:,| and|,? ?&) ${TIME})*) (?=(?:every|each|on|daily|weekdays|weekends|tomorrow|today|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)\\b)(.+)$`,
);
const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";
const NTH = "\\d{1,2}(?:st|nd|rd|th)?";
const DATE = `\\b(?:${MONTH} ${NTH}|${NTH} (?:of )?${MONTH})(?:,? \\d{4})?`;
const TIME_LAST = new RegExp(
  `^(.*(?:day|days|daily|month|morning|evening|tomorrow|mon|tue|wed|thu|fri|sat|sun|\\d{4}-\\d\\d?-\\d\\d?|${DATE})),? (${TIME})$`,
);

/** The days first and the time behind "at": "9 every day", "midnight on weekdays", "every morning". */
function inOrder(given: string): string {
  const text = given
    .replace(/^(.+) from now$/, "in $1")
    .replaceAll(/(?<=\d|[ap]m|noon|midnight)( and|,| &) at (?=\d|half|quarter|noon|midnight)/g, "$1 ")
    .replace(/(?<=\d) in the morning\b/, " am")
    .replace(/(?<=\d) in the (?:afternoon|evening)\b/, " pm")
    .replace(/^(every|each) (noon|midnight)$/, "$1 day at $2")
    .replace(/^on (?=\w+days\b)/, "")
    .replace(new RegExp(`^(\\w+days), (?:at )?(${TIME})$`), "$1 at $2")
    // "Sunday evenings" come back, as one of them does not.
    .replace(/^((?:\w+day|weekend)s?) (morning|evening)s\b/, "every $1 $2");
  const first = TIME_FIRST.exec(text);
  if (first) return `${first[2]!.replace(/^on (?=weekdays|weekends|\w+days$)/, "")} at ${first[1]}`;
  const last = TIME_LAST.exec(text);
  const said = last && !/\bat\b/.test(text) && /[:apnm]/.test(last[2]!) ? `${last[1]} at ${last[2]}` : text;
  return said
    .replace(/^this evening/, "tonight")
    .replace(/^tonight at (.+)$/, (_, time: string) => `today at ${timeWithin("evening", time)}`)
    .replace(/^every (?=(?:morning|evening)\b)/, "every day ")
    .replace(/ (morning|evening)s?(?: at (.+))?$/, (_, part: string, time?: string) => ` at ${timeWithin(part, time)}`);
}

/** "every 2 hours", "in 20 minutes". */
function toInterval(text: string, now: number): Schedule | undefined {
  const found = /^(every|each|in) (.+)$/.exec(text);
  const ms = found
    ? toDuration(found[1] === "in" ? found[2]! : found[2]!.replace(/^other /, "2 "))
    : text === "hourly"
      ? 3_600_000
      : undefined;
  if (ms === undefined || ms < 1000) return undefined;
  if (found?.[1] === "in") return toOnce(now + ms);
  // "Every day" means a time of day, not 24 hours from now.
  return ms === DAY_MS && /d(?:ays?)?$/.test(text) ? undefined : { kind: "every", everyMs: ms };
}

/** What comes back on certain days, at one time of day or several. */
function toRepeated(text: string, tz: string): Schedule | undefined {
  const { days, times } = splitTimes(text);
  const fields = times && toDayFields(days);
  if (!fields) return undefined;
  const [{ minute }] = times as [ClockTime];
  if (times.some((time) => time.minute !== minute)) return undefined;
  const hours = [...new Set(times.map(({ hour }) => hour))].sort((a, b) => a - b).join(",");
  return { kind: "cron", expr: `${minute} ${hours} ${fields}`, tz };
}

function splitTimes(text: string): { days: string; times?: ClockTime[] } {
  const found = /^(?:(.*?) )?at (.+)$/.exec(text);
  if (!found) return { days: text, times: [NINE] };
  return { days: found[1] ?? "", ...defined({ times: toTimes(found[2]!) }) };
}

/** The last three fields of a cron expression. */
function toDayFields(text: string): string | undefined {
  if (/^(every ?day|each day|daily)$/.test(text)) return "* * *";
  if (/^((every|each) )?weekdays?$/.test(text)) return "* * 1-5";
  if (/^((every|each) )?weekends?( day)?$/.test(text)) return "* * 0,6";
  return toWeekdayFields(text) ?? toMonthFields(text) ?? toYearFields(text);
}

function toWeekdayFields(text: string): string | undefined {
  const found = /^(?:(?:weekly on|every week on|every|each) (.+)|(.+s|\w+(?: to | through | ?- ?)\w+))$/.exec(text);
  const named = found && (found[1] ?? found[2]!);
  if (!named) return undefined;
  const range = /^(\w+)(?: to | through |-| - )(\w+)$/.exec(named);
  if (range) {
    const [from, to] = [toWeekday(range[1]!), toWeekday(range[2]!)];
    return from === undefined || to === undefined ? undefined : `* * ${from}-${to}`;
  }
  const days = named
    .split(/\s*(?:,|&|\band\b)\s*/)
    .filter(Boolean)
    .map(toWeekday);
  if (days.length === 0 || days.includes(undefined)) return undefined;
  return `* * ${[...new Set(days as number[])].sort((a, b) => a - b).join(",")}`;
}

const MONTHLY =
  /^(?:on )?(?:the )?(.+?) of (?:each|every|the) month$|^(?:monthly|(?:every|each) month) on (?:the )?(.+)$/;

/** "Every 3rd friday" is the third of each month; every second one may be every other one as well. */
const EACH_NTH = /^(?:every|each) ((?:first|third|fourth|last|1st|3rd|4th) (?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)$/;

function toMonthFields(text: string): string | undefined {
  const found = MONTHLY.exec(text.replace(EACH_NTH, "the $1 of each month").replace(/^(every|each) (?!month)/, ""));
  const day = found && (found[1] ?? found[2]!);
  if (!day) return undefined;
  if (day === "last day") return "L * *";
  const number = toDayOfMonth(day);
  if (number !== undefined) return `${number} * *`;
  const [which = "", name = ""] = day.split(" ");
  const weekday = toWeekday(name);
  if (weekday === undefined) return undefined;
  if (which === "last") return `* * ${weekday}L`;
  const ordinal = toOrdinal(which);
  return ordinal === undefined ? undefined : `* * ${weekday}#${ordinal}`;
}

function toYearFields(text: string): string | undefined {
  const found = /^(?:(?:every|each) (?:year on )?|(?:yearly|annually) on )(.+)$/.exec(text);
  const date = found && toDate(found[1]!);
  return date && date.year === undefined ? `${date.day} ${date.month} *` : undefined;
}

/** "December 24", "the 24th of december", "24 dec 2026". */
function toDate(text: string): { month: number; day: number; year?: number } | undefined {
  const plain = text.replace(/^the /, "").replace(" of ", " ").replaceAll(/[.,]/g, "");
  const [a = "", b = "", year, ...rest] = plain.split(" ");
  if (rest.length > 0 || (year !== undefined && !/^\d{4}$/.test(year))) return undefined;
  const month = toMonth(a) ?? toMonth(b);
  const day = toDayOfMonth(toMonth(a) === undefined ? a : b);
  if (month === undefined || day === undefined) return undefined;
  return { month, day, ...defined({ year: year === undefined ? undefined : Number(year) }) };
}

const ISO =
  /^(?:once,? )?(?:on |at )?(\d{4})-(\d\d?)-(\d\d?)[t ](\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))? ?(?:(z)|([+-])(\d\d):?(\d\d))?$/;

/** "2026-12-24T18:00:00Z", "2026-12-24 18:00+05:30", or a time of a zone: "2026-12-24 18:00:30". */
function toIsoMoment(text: string, tz: string): { time: number; hasOffset: boolean } | undefined {
  const found = ISO.exec(text);
  if (!found) return undefined;
  const [year, month, date, hour, minute, second] = found
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0)) as Six;
  const [utc, sign, hours, minutes] = found.slice(7);
  const [day] = dateOf(year, month, date);
  if (day === undefined || hour > 23 || minute > 59 || second >= 60) return undefined;
  const wall = day + (hour * 60 + minute) * 60_000 + Math.round(second * 1000);
  if (utc === undefined && sign === undefined) return { time: fromWall(wall, tz), hasOffset: false };
  const ahead = Number(`${sign ?? "+"}1`) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  return { time: wall - ahead * 60_000, hasOffset: true };
}

type Six = [number, number, number, number, number, number];

/** One moment: "tomorrow at 8:30", "friday at noon", "2026-12-24 at 18:00", "at 17:00". */
function toMoment(text: string, now: number, tz: string): Schedule | undefined {
  const bare = /^(?:at )?([\d:.]+ ?(?:am|pm)?|noon|midnight)$/.exec(text);
  const { days, times } = bare ? { days: "", times: [toClockTime(bare[1]!)] } : splitTimes(withAt(text));
  const time = times?.length === 1 ? times[0] : undefined;
  if (!time) return undefined;
  const clock = (time.hour * 60 + time.minute) * 60_000;
  const today = startOfDay(toWall(now, tz));
  const candidates = days === "" ? [today, today + DAY_MS] : toDates(days.replace(/^on /, ""), today);
  const moments = candidates.filter((day) => day < LAST_MOMENT - 2 * DAY_MS).map((day) => fromWall(day + clock, tz));
  const moment = moments.find((candidate) => candidate > now) ?? moments.at(-1);
  return moment === undefined ? undefined : toOnce(moment);
}

/** Undefined behind the last moment that there is in JavaScript. */
function toOnce(moment: number): Schedule | undefined {
  return moment > LAST_MOMENT ? undefined : { kind: "at", at: isoTime(moment) };
}

/** "tonight" has a time of its own. */
function withAt(text: string): string {
  return text
    .replace(/^tonight$/, "today at 20:00")
    .replace(/^tonight\b/, "today")
    .replace(/^once,? /, "");
}

/** The dates that are meant, the nearest first, as midnights in UTC. */
function toDates(days: string, today: number): number[] {
  if (days === "today") return [today];
  if (days === "tomorrow") return [today + DAY_MS];
  if (days === "the day after tomorrow" || days === "day after tomorrow") return [today + 2 * DAY_MS];
  const ahead = /^in (\d+) days$/.exec(days);
  if (ahead) return [today + Number(ahead[1]) * DAY_MS];
  const iso = /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(days);
  if (iso) return dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const weekday = days.endsWith("s") ? undefined : toWeekday(days.replace(/^(next|this) /, ""));
  if (weekday !== undefined) {
    const until = (weekday - new Date(today).getUTCDay() + 7) % 7;
    return days.startsWith("next ") && until === 0
      ? [today + 7 * DAY_MS]
      : [today + until * DAY_MS, today + (until + 7) * DAY_MS];
  }
  const date = toDate(days);
  const year = new Date(today).getUTCFullYear();
  const years = date?.year === undefined ? [year, year + 1] : [date.year];
  return date ? years.flatMap((each) => dateOf(each, date.month, date.day)) : [];
}

/** Empty for a date that does not exist. */
function dateOf(year: number, month: number, day: number): number[] {
  const date = Date.UTC(year, month - 1, day);
  return new Date(date).getUTCDate() === day && new Date(date).getUTCMonth() === month - 1 ? [date] : [];
}

import { BoundedMap } from "../base/boundedMap.ts";
import { parse, validateDetailed } from "node-cron";
import { WEEKDAYS } from "./dayWords.ts";
import { nameTable } from "../base/nameTable.ts";

/** What an expression allows, field by field. Days may also be "L", "L-3", "15W", "LW"; weekdays "1#2", "5L". */
export interface CronExpression {
  seconds: number[];
  minutes: number[];
  hours: number[];
  days: (number | string)[];
  months: number[];
  weekdays: (number | string)[];
  /** Ascending; absent for every year. */
  years?: number[];
  /** The field is "*" or "?": it restricts nothing. One that lists every day is restricted, as in every cron. */
  anyDay: boolean;
  anyWeekday: boolean;
  /** The days of the week begin with "+": a day has to fit both day fields. */
  bothDays: boolean;
  /** The hours are left open ("*" or a step of it), so it counts elapsed time and not hours on the wall. */
  elapsed: boolean;
}

const KEEP = 500;
const known = new BoundedMap<string, CronExpression>(KEEP);

/** Undefined for what `cronFault` finds fault with. */
export function parseCron(expr: string): CronExpression | undefined {
  const parsed = known.get(expr);
  if (parsed || cronFault(expr) !== undefined) return parsed;
  const fresh = read(expr);
  known.set(expr, fresh);
  return fresh;
}

/** Why a text is no cron expression, as in "61 is no minute"; undefined when it is one. */
export function cronFault(expr: string): string | undefined {
  const { plain, year } = split(expr);
  if (/^@reboot$/i.test(plain)) return "it names a start and no time";
  if (year !== undefined && !toYears(year)) return `${year} is no year from ${FIRST_YEAR} to ${LAST_YEAR}`;
  const { valid, errors } = validateDetailed(plain);
  if (valid) return undefined;
  const [first] = errors;
  if (!first || first.field === "expression") return first?.message ?? "it cannot be read";
  if (first.message.includes("impossible")) return "no month that it names has that day";
  return `${first.value} is no ${FIELD_WORDS[first.field] ?? first.field}`;
}

const FIELDS = [
  { values: 60, unit: "seconds" },
  { values: 60, unit: "minutes" },
  { values: 24, unit: "hours" },
  { values: 31, unit: "days" },
  { values: 12, unit: "months" },
  { values: 7, unit: "days" },
];

/**
 * Why a step is none that anybody means: one of 90 minutes leaves the first minute of each hour. Apart from `cronFault`, for what is
 * stored already goes on as it did.
 */
export function stepFault(expr: string): string | undefined {
  const fields = split(expr).plain.split(" ");
  for (const [index, field] of fields.entries()) {
    const { values, unit } = FIELDS[index + FIELDS.length - fields.length] ?? { values: Infinity, unit: "" };
    for (const part of field.split(",")) {
      const step = Number(part.split("/")[1]);
      if (!(step > values)) continue;
      const hint = unit === "months" ? "" : `; an interval is "every ${step} ${unit}"`;
      return `${part} steps over all ${values} ${unit} and leaves only the first${hint}`;
    }
  }
  return undefined;
}

const FIELD_WORDS = nameTable<string>({ dayOfMonth: "day of the month", dayOfWeek: "day of the week" });

interface SplitExpression {
  /** What node-cron reads: 5 or 6 fields, or a name. */
  plain: string;
  year?: string;
  bothDays: boolean;
}

/** Takes apart what node-cron does not know: tabs, a seventh field, "+MON", "FRI#L". */
function split(expr: string): SplitExpression {
  const fields = expr.trim().split(/\s+/);
  const year = fields.length === 7 ? fields.pop() : undefined;
  const last = fields.length - 1;
  const weekday = fields[last]!;
  const bothDays = last >= 4 && weekday.startsWith("+");
  if (last >= 4) fields[last] = weekday.slice(bothDays ? 1 : 0).replaceAll(/([a-z]{3}|[0-7])#l\b/gi, lastOfMonth);
  return { plain: fields.join(" "), bothDays, ...(year !== undefined && { year }) };
}

/** "5L" for "FRI#L". */
function lastOfMonth(whole: string, day: string): string {
  const number = /^\d$/.test(day) ? Number(day) : WEEKDAYS.findIndex((name) => name.startsWith(day.toLowerCase()));
  return number < 0 ? whole : `${number}L`;
}

const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/** The years of "2027", "2027-2030", "*\/2" or a list of such; undefined for what is none. */
function toYears(field: string): number[] | undefined {
  const years = new Set<number>();
  for (const part of field.split(",")) {
    const found = /^(?:(\*)|(\d{4})(?:-(\d{4}))?)(?:\/(\d{1,3}))?$/.exec(part);
    const [, any, from, to, step] = found ?? [];
    const first = any ? FIRST_YEAR : Number(from);
    const last = any ? LAST_YEAR : Number(to ?? from);
    const isStep = step === undefined || (Number(step) > 0 && (any !== undefined || to !== undefined));
    if (!found || !isStep || first < FIRST_YEAR || last > LAST_YEAR || first > last) return undefined;
    for (let year = first; year <= last; year += Number(step ?? 1)) years.add(year);
  }
  return ascending([...years]);
}

function read(expr: string): CronExpression {
  const { plain, year, bothDays } = split(expr);
  const fields = parse(plain);
  const [hourField = "", dayField = "", , weekdayField = ""] = plain.split(" ").slice(-4);
  const isName = plain.startsWith("@");
  const years = year === undefined || year === "*" ? undefined : toYears(year);
  return {
    seconds: ascending(fields.second),
    minutes: ascending(fields.minute),
    hours: ascending(fields.hour),
    days: fields.dayOfMonth,
    months: fields.month,
    weekdays: fields.dayOfWeek.map((day) => (day === 7 ? 0 : day)),
    ...(years && { years }),
    anyDay: isOpen(dayField) || (isName && fields.dayOfMonth.length === 31),
    anyWeekday: isOpen(weekdayField) || (isName && fields.dayOfWeek.length === 7),
    bothDays,
    elapsed: hourField.startsWith("*") || new Set(fields.hour).size === 24,
  };
}

function ascending(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function isOpen(field: string): boolean {
  return /^(\*|\?|\*\/1)$/.test(field);
}

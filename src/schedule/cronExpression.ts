import { parse, validateDetailed } from "node-cron";

/** What an expression allows, field by field. Days may also be "L", "L-3", "15W", "LW"; weekdays "1#2", "5L". */
export interface CronExpression {
  seconds: number[];
  minutes: number[];
  hours: number[];
  days: (number | string)[];
  months: number[];
  weekdays: (number | string)[];
  /** Every day of the month is allowed, and every day of the week. */
  anyDay: boolean;
  anyWeekday: boolean;
  /** The hours are left open ("*" or a step of it), so it counts elapsed time and not hours on the wall. */
  elapsed: boolean;
}

const KEEP = 500;
const known = new Map<string, CronExpression>();

/** Undefined for what `cronFault` finds fault with. */
export function parseCron(expr: string): CronExpression | undefined {
  const parsed = known.get(expr);
  if (parsed || cronFault(expr) !== undefined) return parsed;
  if (known.size >= KEEP) known.clear();
  const fresh = read(expr);
  known.set(expr, fresh);
  return fresh;
}

/** Why a text is no cron expression, as in "61 is no minute"; undefined when it is one. */
export function cronFault(expr: string): string | undefined {
  const { valid, errors } = validateDetailed(expr);
  if (valid) return undefined;
  const [first] = errors;
  if (!first || first.field === "expression") return first?.message ?? "it cannot be read";
  if (first.message.includes("impossible")) return "no month that it names has that day";
  return `${first.value} is no ${FIELD_WORDS[first.field] ?? first.field}`;
}

const FIELD_WORDS: Record<string, string> = { dayOfMonth: "day of the month", dayOfWeek: "day of the week" };

function read(expr: string): CronExpression {
  const fields = parse(expr);
  const hourField = expr.trim().split(/\s+/).at(-4) ?? "";
  const weekdays = fields.dayOfWeek.map((day) => (day === 7 ? 0 : day));
  return {
    seconds: ascending(fields.second),
    minutes: ascending(fields.minute),
    hours: ascending(fields.hour),
    days: fields.dayOfMonth,
    months: fields.month,
    weekdays,
    anyDay: allows(fields.dayOfMonth, 1, 31),
    anyWeekday: allows(weekdays, 0, 6),
    elapsed: hourField.startsWith("*") || new Set(fields.hour).size === 24,
  };
}

function ascending(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function allows(values: (number | string)[], first: number, last: number): boolean {
  for (let value = first; value <= last; value++) if (!values.includes(value)) return false;
  return true;
}

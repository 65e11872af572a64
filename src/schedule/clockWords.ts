import { nameTable } from "../base/nameTable.ts";

/** A time of day. */
export interface ClockTime {
  hour: number;
  minute: number;
}

const UNIT_MS = nameTable<number>({ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 });
const UNIT = "(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)";
const DURATION = new RegExp(`^(an?|half an|\\d+(?:\\.\\d+)?)?\\s*${UNIT}\\.?$`);
const PART = new RegExp(`\\d+(?:\\.\\d+)?\\s*${UNIT}\\.?`, "g");
const CLOCK = /^(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m|p\.m|o'clock|h)?\.?$/;

const NUMBERS = nameTable<number>({
  ...{
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    seven: 7,
    eight: 8,
    nine: 9,
    ten: 10,
    eleven: 11,
    twelve: 12,
    fourteen: 14,
    eighteen: 18,
  },
  ...{ fifteen: 15, twenty: 20, thirty: 30, forty: 40, "forty-five": 45, fifty: 50, sixty: 60, ninety: 90 },
});

/** "five" becomes 5. */
export function toDigits(text: string): string {
  return text.replaceAll(/[a-z]+(?:-[a-z]+)?/g, (word) => String(NUMBERS[word] ?? word));
}

/** Milliseconds of "20 minutes", "an hour", "half an hour", "1.5 h", "day", "1h30m", "1 hour and 30 minutes". */
export function toDuration(words: string): number | undefined {
  const text = words
    .trim()
    .replace(/^(an?|1) hour and a half$/, "1.5 hours")
    .replace(/^(?:a )?half (?:an? )?hour$/, "30 minutes")
    .replace(/^(?:a )?quarter (?:of an )?hour$/, "15 minutes")
    .replace(/^hour and a half$/, "1.5 hours")
    .replace(/^(\d+) and a half /, "$1.5 ");
  const found = DURATION.exec(text);
  if (!found) return toSum(text);
  const [, count, unit = ""] = found;
  const counts: Record<string, number> = { a: 1, an: 1, "half an": 0.5 };
  return (count === undefined ? 1 : (counts[count] ?? Number(count))) * UNIT_MS[unit[0]!]!;
}

/** Each part in a smaller unit than the one before it. */
function toSum(words: string): number | undefined {
  const text = words.replaceAll(/\ban? (?=hour|day|week|minute)/g, "1 ");
  const parts = text.match(PART) ?? [];
  if (parts.length < 2 || text.replaceAll(PART, "").replaceAll(/\band\b|[\s,]/g, "") !== "") return undefined;
  const sizes = parts.map((part) => UNIT_MS[/[a-z]/.exec(part)![0]]!);
  if (sizes.some((size, at) => at > 0 && size >= sizes[at - 1]!)) return undefined;
  return parts.reduce((sum, part, at) => sum + Number.parseFloat(part) * sizes[at]!, 0);
}

/** The time of day of "9", "9:30", "5 pm", "noon", "midnight". */
export function toClockTime(words: string): ClockTime | undefined {
  const text = words.trim();
  if (text === "noon" || text === "midday") return { hour: 12, minute: 0 };
  if (text === "midnight") return { hour: 0, minute: 0 };
  const near = /^(half past|quarter past|half to|quarter to) (.+)$/.exec(text);
  if (near) return toNearTime(near[1]!, toClockTime(near[2]!));
  const found = CLOCK.exec(text);
  if (!found) return undefined;
  const letter = /^[ap]/.exec(found[3] ?? "")?.[0];
  const half = letter && `${letter}m`;
  const typed = Number(found[1]);
  if (half && (typed < 1 || typed > 12)) return undefined;
  const hour = half ? (typed % 12) + (half === "pm" ? 12 : 0) : typed;
  const minute = Number(found[2] ?? 0);
  return hour > 23 || minute > 59 ? undefined : { hour, minute };
}

function toNearTime(how: string, whole: ClockTime | undefined): ClockTime | undefined {
  if (!whole || whole.minute !== 0) return undefined;
  const minutes = whole.hour * 60 + { "half past": 30, "quarter past": 15, "half to": -30, "quarter to": -15 }[how]!;
  const inDay = (minutes + 1440) % 1440;
  return { hour: Math.floor(inDay / 60), minute: inDay % 60 };
}

/** "2 hours", "1 day", "90 minutes": the largest unit that divides it. */
export function durationWords(ms: number): string {
  const units: [string, number][] = [
    ["week", 604_800_000],
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
  ];
  const [unit, size] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ["second", 1000];
  const count = ms / size;
  return count === 1 ? unit : `${count} ${unit}s`;
}

export function clockWords({ hour, minute }: ClockTime): string {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** A time of day. */
export interface ClockTime {
  hour: number;
  minute: number;
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const UNIT = "(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)";
const DURATION = new RegExp(`^(an?|half an|\\d+(?:\\.\\d+)?)?\\s*${UNIT}$`);
const CLOCK = /^(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|o'clock|h)?$/;

/** Milliseconds of "20 minutes", "an hour", "half an hour", "1.5 h", "day". */
export function toDuration(words: string): number | undefined {
  const found = DURATION.exec(words.trim());
  if (!found) return undefined;
  const [, count, unit = ""] = found;
  const number = count === undefined || /^an?$/.test(count) ? 1 : count === "half an" ? 0.5 : Number(count);
  return number * UNIT_MS[unit[0]!]!;
}

/** The time of day of "9", "9:30", "5 pm", "noon", "midnight". */
export function toClockTime(words: string): ClockTime | undefined {
  const text = words.trim();
  if (text === "noon" || text === "midday") return { hour: 12, minute: 0 };
  if (text === "midnight") return { hour: 0, minute: 0 };
  const found = CLOCK.exec(text);
  if (!found) return undefined;
  const half = found[3] === "am" || found[3] === "pm" ? found[3] : undefined;
  const typed = Number(found[1]);
  if (half && (typed < 1 || typed > 12)) return undefined;
  const hour = half ? (typed % 12) + (half === "pm" ? 12 : 0) : typed;
  const minute = Number(found[2] ?? 0);
  return hour > 23 || minute > 59 ? undefined : { hour, minute };
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

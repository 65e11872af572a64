import { InvalidArgumentError } from "commander";
import { nameTable } from "../../base/nameTable.ts";

const UNITS = nameTable<number>({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 });

/** "90s", "30m", "2h", "1d", "500ms" in milliseconds. */
export function toMilliseconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError("Write a duration such as 90s, 30m, 2h or 1d.");
  return Math.round(Number(match[1]) * UNITS[match[2]!]!);
}

/** Seconds, as in "120" or "1.5". */
export function toSeconds(text: string): number {
  return toNumber(text, "Write a number of seconds.");
}

/** An amount of US dollars, as in "2" or "0.05". */
export function toAmount(text: string): number {
  return toNumber(text, "Write a number of US dollars such as 0.05.");
}

function toNumber(text: string, advice: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 0) throw new InvalidArgumentError(advice);
  return number;
}

/** A whole number of at least 1. */
export function toCount(text: string): number {
  if (!/^0*[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Write a whole number from 1 on.");
  return Number(text);
}

/** A moment in ISO 8601: given as such, or as a duration from now. Without Z or an offset, and as a bare day, it is one of the machine's zone. */
export function toMoment(text: string): string {
  const isDuration = /^\d+(\.\d+)?\s*(s|m|h|d)$/.test(text);
  const time = new Date(isDuration ? Date.now() + toMilliseconds(text) : readMoment(text));
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError("Write a moment such as 2026-12-24T18:00, or a duration from now such as 20m.");
  return time.toISOString();
}

/** NaN for what is none, and for a day that does not exist: Node.js takes another for it. */
function readMoment(text: string): number {
  const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0];
  if (day === undefined || new Date(day).getUTCDate() !== Number(day.slice(8))) return Number.NaN;
  // A bare day would be one of UTC.
  return Date.parse(text === day ? `${day}T00:00` : text);
}

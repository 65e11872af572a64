import { type ClockTime, clockWords, toClockTime } from "./clockWords.ts";

const BETWEEN = /\s*(?:,|&|\band\b)\s*/;

/** Undefined where one is none, or may be in either half of the day: the 8 of "8 and 9 pm". */
export function toTimes(words: string): ClockTime[] | undefined {
  const said = words.split(BETWEEN);
  const times = said.map(toClockTime);
  const halves = said.flatMap((word, at) =>
    /[ap]\.?m\b/.test(word) ? [{ at, hour: Number(/\d+/.exec(word)) % 12 }] : [],
  );
  const isOpen = (time: ClockTime | undefined, at: number) => {
    if (time === undefined) return true;
    if (halves.length === 0 || time.hour > 12 || time.hour === 0 || isHalfTold(said[at]!)) return false;
    // "9 and 5 pm" goes from the morning on; "8 and 9 pm" may not.
    return !halves.some((half) => half.at > at && half.hour <= time.hour % 12 && /p\.?m\b/.test(said[half.at]!));
  };
  return times.some(isOpen) ? undefined : (times as ClockTime[]);
}

/**
 * "Every morning" is at 9:00 and "every evening" at 20:00, as "tonight" is, unless times say more. Empty for times that are
 * not in that part of the day, or may be two: 12 in the evening is noon or midnight.
 */
export function timeWithin(part: string, times: string | undefined): string {
  if (times === undefined) return part === "morning" ? "9:00" : "20:00";
  const found = toTimes(times)?.map((time, at) => hourWithin(part, time, isHalfTold(times.split(BETWEEN)[at]!)));
  return found?.every((time) => time !== undefined) ? found.join(" and ") : "";
}

function hourWithin(part: string, { hour, minute }: ClockTime, isTold: boolean): string | undefined {
  const meant = part === "evening" && !isTold && hour >= 1 && hour <= 11 ? hour + 12 : hour;
  const isIn = part === "morning" ? meant >= 1 && meant <= 11 : meant >= 16;
  return isIn ? clockWords({ hour: meant, minute }) : undefined;
}

/** Whether it says which half of the day it is in. */
function isHalfTold(time: string): boolean {
  return /[ap]\.?m\b|noon|midday|midnight/.test(time);
}

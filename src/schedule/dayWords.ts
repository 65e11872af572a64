export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
export const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
export const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

/** 0 for "sunday", "sun" or "sundays"; undefined for what is no weekday. */
export function toWeekday(word: string): number | undefined {
  return indexOfName(WEEKDAYS, word.replace(/s$/, "")) ?? indexOfName(WEEKDAYS, word);
}

/** 1 for "january" or "jan". */
export function toMonth(word: string): number | undefined {
  const index = indexOfName(MONTHS, word);
  return index === undefined ? undefined : index + 1;
}

/** 15 of "15", "15th" or "the 15th". */
export function toDayOfMonth(word: string): number | undefined {
  const found = /^(?:the )?(\d{1,2})(?:st|nd|rd|th)?$/.exec(word);
  const day = found ? Number(found[1]) : ORDINALS.indexOf(word.replace(/^the /, "")) + 1;
  return day >= 1 && day <= 31 ? day : undefined;
}

/** 1 for "first", 5 for "fifth" or "5th". */
export function toOrdinal(word: string): number | undefined {
  const day = toDayOfMonth(word);
  return day !== undefined && day <= 5 ? day : undefined;
}

/** "1st", "22nd", "13th". */
export function ordinalWords(day: number): string {
  const teen = day % 100 >= 11 && day % 100 <= 13;
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${ending}`;
}

function indexOfName(names: string[], word: string): number | undefined {
  if (word.length < 3) return undefined;
  const index = names.findIndex((name) => name.startsWith(word));
  return index < 0 ? undefined : index;
}

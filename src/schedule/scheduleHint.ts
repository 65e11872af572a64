import { endsWithAbbreviation } from "./zoneWords.ts";

/** What would be understood instead of words that are not; undefined where there is nothing better than examples. */
export function scheduleHint(words: string): string | undefined {
  const text = words.trim().toLowerCase();
  if (
    /\b(second|2nd|other|\d+(st|nd|rd|th)?|two|three) (mon|tues|wednes|thurs|fri|satur|sun)day|(zweiten|dritten|vierten) (?!tag)\p{L}+tag/u.test(
      text,
    )
  )
    return '"on the second monday of each month at 9", or "every 2 weeks" from now';
  if (/\b(except|excluding|without|but|not)\b|(?<!\p{L})(außer|ohne|nicht)(?!\p{L})/u.test(text))
    return 'the days that are meant, as in "every monday, wednesday and friday at 9"';
  if (/^(twice|(two|three|four|\d+) times|zweimal|dreimal|viermal)\b/.test(text))
    return 'the times, as in "every day at 9 and 17"';
  if (/\b(other|2|two|\d+) days?\b.*\d|(zweiten tag|alle \d+ tage).*\d/.test(text))
    return '"every 2 days", which counts from now, or "every monday, wednesday and friday at 9"';
  if (/\b(between|from|zwischen|von)\b.*\d|\d ?- ?\d/.test(text) && !/\d{4}-\d/.test(text))
    return "a cron expression where a day has its hours, as */15 9-17 * * 1-5 is";
  if (
    /\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*(, | and | & | )(mon|tue|wed|thu|fri|sat|sun)|^(mo|di|mi|do|fr|sa|so)\b.*(,| und )/.test(
      text,
    )
  )
    return '"every monday, wednesday and friday at 9"';
  if (/^(weekly|monthly|quarterly|yearly|biweekly|fortnightly|wöchentlich|monatlich|jährlich)$/.test(text))
    return 'a day, as in "every monday at 9" or "on the 1st of each month at 9"';
  if (/\d ?(and|und|,|&) ?\d+([:.]\d\d)? ?(uhr )?([ap]m|abends|morgens|in the)|\d ?[ap]m ?(and|,|&) ?\d+$/.test(text))
    return '"every day at 20:00 and 21:00": without am or pm a time next to one that has it may be either';
  if (/[\d:](am|pm|\s|,)*(and|und|,|&)\s*\d/.test(text))
    return '"every day at 9:30 and 17:30": times of one schedule share their minutes, and others are a second job';
  if (/\bnight|nacht\b|afternoon|nachmittag/.test(text)) return 'a time of day, as in "every day at 22:00"';
  if (endsWithAbbreviation(text)) return 'a zone by its city or name, as in "every day at 9 New York"';
  return undefined;
}

import { MONTHS as ENGLISH_MONTHS } from "./dayWords.ts";

// German said in the English that `toScheduleFromWords` reads, word by word: what is left in German is not understood.

const MARKS =
  /(?<!\p{L})(?:um|uhr|jede[nrs]?|alle|jährlich|täglich|stündlich|wöchentlich|monatlich|heute|(?:über)?morgen|minuten|eine[rm]?|stunden?|std|tage?n?|wochen?|sekunden?|monats?|(?:mon|diens|donners|frei|sams|sonn)tag\p{L}*|mittwoch\p{L}*|sonnabend\p{L}*|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|mitternacht|mittags?|werktags?|werktagen|wochentags?|wochentagen|wochenenden?|\d{1,2}\.\d{1,2}\.(?:\d{4})?)(?!\p{L})/u;

/** German words become English ones; any other text is given back as it is. Takes and gives lower case. */
export function toEnglishWords(text: string): string {
  if (!MARKS.test(text)) return text;
  return PHRASES.reduce((said, [german, english]) => said.replace(wholeWords(german), english), text)
    .replaceAll(/\s+/g, " ")
    .trim();
}

const patterns = new Map<string, RegExp>();

function wholeWords(source: string): RegExp {
  const known = patterns.get(source);
  const pattern = known ?? new RegExp(`(?<![\\p{L}\\d])(?:${source})(?:(?<![\\p{L}\\d])|(?![\\p{L}\\d]))`, "gu");
  patterns.set(source, pattern);
  return pattern;
}

const DAYS: [string, string][] = [
  ["montag", "monday"],
  ["dienstag", "tuesday"],
  ["mittwoch", "wednesday"],
  ["donnerstag", "thursday"],
  ["freitag", "friday"],
  ["samstag|sonnabend", "saturday"],
  ["sonntag", "sunday"],
];
const DAY_NAME = "(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend";
const SHORT_DAYS: [string, string][] = [
  ["mo", "mon"],
  ["di", "tue"],
  ["mi", "wed"],
  ["do", "thu"],
  ["fr", "fri"],
  ["sa", "sat"],
  ["so", "sun"],
];
const MONTHS: [string, string][] = [
  ["januar|jänner", "january"],
  ["februar", "february"],
  ["märz", "march"],
  ["mai", "may"],
  ["juni", "june"],
  ["juli", "july"],
  ["oktober", "october"],
  ["dezember", "december"],
];
const NUMBERS: [string, string][] = [
  ["zweieinhalb", "2.5"],
  ["dreieinhalb", "3.5"],
  ["zwei", "2"],
  ["drei", "3"],
  ["vier", "4"],
  ["fünf", "5"],
  ["sechs", "6"],
  ["sieben", "7"],
  ["acht", "8"],
  ["neun", "9"],
  ["zehn", "10"],
  ["elf", "11"],
  ["zwölf", "12"],
  ["vierzehn", "14"],
  ["fünfzehn", "15"],
  ["achtzehn", "18"],
  ["zwanzig", "20"],
  ["dreißig|dreissig", "30"],
  ["vierzig", "40"],
  ["fünfundvierzig", "45"],
  ["fünfzig", "50"],
  ["sechzig", "60"],
  ["neunzig", "90"],
];

/** In this order: what is longer comes first. */
const PHRASES: [string, string][] = [
  ["bitte|erinnere mich(?: daran)?", ""],
  ...NUMBERS,
  // "Halb neun" is half an hour before nine.
  ["um halb (eins|\\d{1,2})", "at half to $1"],
  ["viertel nach", "quarter past"],
  ["viertel vor", "quarter to"],
  ["(?:einer|einem|eine|ein) halben? stunde", "half an hour"],
  ["(?:jede|alle) halbe stunde", "every half an hour"],
  ["(?:einer|eine) viertelstunde", "15 minutes"],
  ["(?:einer|eine) dreiviertelstunde", "45 minutes"],
  ["anderthalb", "1.5"],
  ["(?:einer|einem|eine|ein)(?= (?:sekunde|minute|stunde|tag|woche))", "1"],
  ["eins", "1"],
  // "Freitagabend", "montags abends", "jeden Samstag früh".
  [`(${DAY_NAME}) ?abend`, "$1 evening"],
  [`(${DAY_NAME})(?:s |s?)abends`, "every $1 evening"],
  [`(${DAY_NAME}) ?(?:morgen|früh)`, "$1 morning"],
  [`(${DAY_NAME})(?:s |s?)morgens`, "every $1 morning"],
  [`(${DAY_NAME})mittag`, "$1 mittag"],
  ["jede[ns]? zweiten? (?=tag|stunde|minute|woche)", "every other "],
  ["jede[ns]? morgen", "every morning"],
  ["jede[ns]? abend", "every evening"],
  ["jede[ns]? mittag", "every day at noon"],
  ["morgen früh", "tomorrow morning"],
  ["morgen abend", "tomorrow evening"],
  ["morgen mittag", "tomorrow at noon"],
  ["heute abend", "tonight"],
  ["übermorgen", "the day after tomorrow"],
  ["heute", "today"],
  ["morgen", "tomorrow"],
  ["(\\d{1,2}(?:[:.]\\d\\d)?) ?(?:uhr )?(?:morgens|früh|vormittags)", "$1 am"],
  ["(\\d{1,2}(?:[:.]\\d\\d)?) ?(?:uhr )?(?:nachmittags|abends)", "$1 pm"],
  ["(\\d{1,2}) uhr (\\d\\d)", "$1:$2"],
  ["(\\d{1,2}[:.]\\d\\d) ?uhr", "$1"],
  ["(\\d{1,2}) ?uhr", "$1:00"],
  ["(\\d),(\\d+)(?= ?(?:sekunde|minute|stunde|std|tag|woche))", "$1.$2"],
  // "Mittags" alone is each noon, and "abends um 8" each evening.
  ["^mittags$", "every day at noon"],
  ["^morgens(?= um )", "every morning"],
  ["^abends(?= um )", "every evening"],
  ["(?:am )?(?:nächsten|kommenden)(?= (?:mon|diens|mitt|donners|frei|sams|sonn)\\p{L}+)", "next"],
  ["(?:am )?diesen(?= (?:mon|diens|mitt|donners|frei|sams|sonn)\\p{L}+)", "this"],
  ["(?:um )?mitternacht", "at midnight"],
  ["(?:am |um |zu )?mittags?", "at noon"],
  ["(?:jede[ns]?|an|am|alle) (?:werktag|wochentag)(?:e[ns]?)?|werktags|wochentags", "every weekday"],
  ["(?:jedes|am|an) wochenenden?", "every weekend"],
  ["(?:täglich|jeden tag|alle tage)", "every day"],
  ["stündlich", "hourly"],
  ["wöchentlich(?: am)?|jede woche am", "every week on"],
  ["monatlich am|jeden monat am", "every month on the"],
  ["jedes jahr am|jährlich am", "every year on"],
  ["(?:des|jedes|im|eines jeden) monats?", "of each month"],
  // "Jeder dritte" may be every third one as well: it needs "of each month" behind it.
  ["jede[ns]? (?=(?:zweiten|dritten|vierten|fünften|\\d\\.) (?!.*of each month))", "any "],
  ["ersten", "first"],
  ["zweiten", "second"],
  ["dritten", "third"],
  ["vierten", "fourth"],
  ["fünften|5ten", "fifth"],
  ["letzten tag", "last day"],
  ["letzten", "last"],
  ["(?:am )?(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})", "$3-$2-$1"],
  ...ENGLISH_MONTHS.map((name, at): [string, string] => [`(?:am )?(\\d{1,2})\\.0?${at + 1}\\.`, `$1 ${name}`]),
  ["(\\d{1,2})\\.(?= (?:\\p{L}|of))", "$1"],
  ["von (?=mo|di|do|fr|sa|so|mi)", ""],
  ...DAYS.map(([german, english]): [string, string] => [`(?:${german})s`, `${english}s`]),
  ...DAYS,
  ...SHORT_DAYS.map(([german, english]): [string, string] => [`${german}\\.?(?=[ ,-]|$)`, english]),
  ...MONTHS,
  ["sekunden?", "seconds"],
  ["minuten?", "minutes"],
  ["stunden?|std\\.?", "hours"],
  ["tage?n?", "days"],
  ["wochen?", "weeks"],
  ["jede[nrs]?|alle", "every"],
  ["um", "at"],
  ["und", "and"],
  ["bis", "to"],
  ["am", "on"],
];

import { describe, expect, test } from "vitest";
import { describeSchedule } from "../../src/schedule/describeSchedule.ts";
import { checkSchedule } from "../../src/schedule/jobSchema.ts";
import { scheduleHint } from "../../src/schedule/scheduleHint.ts";
import { toScheduleFromWords } from "../../src/schedule/parseScheduleWords.ts";

// A Wednesday, 10:15 in Berlin.
const NOW = Date.parse("2026-11-25T09:15:00.000Z");
const ZONE = "Europe/Berlin";
const read = (words: string) => toScheduleFromWords(words, NOW, ZONE);

const cronIn = (expr: string, tz = ZONE) => ({ kind: "cron", expr, tz });
const everyMs = (ms: number) => ({ kind: "every", everyMs: ms });
const once = (at: string) => ({ kind: "at", at });

describe("as people say it", () => {
  test.each<[words: string, schedule: object | undefined]>([
    ["in five minutes", once("2026-11-25T09:20:00.000Z")],
    ["in fünf Minuten", once("2026-11-25T09:20:00.000Z")],
    ["in einer Minute", once("2026-11-25T09:16:00.000Z")],
    ["in einer halben Stunde", once("2026-11-25T09:45:00.000Z")],
    ["in anderthalb Stunden", once("2026-11-25T10:45:00.000Z")],
    ["every two hours", everyMs(7_200_000)],
    ["alle zwei Stunden", everyMs(7_200_000)],
    ["alle 15 Minuten", everyMs(900_000)],
    ["stündlich", everyMs(3_600_000)],
    ["in 99999999999 days", undefined],
    ["in 99999999999 days at 9", undefined],
    ["in 1h30m", once("2026-11-25T10:45:00.000Z")],
    ["in 1 hour and 30 minutes", once("2026-11-25T10:45:00.000Z")],
    ["in an hour and a half", once("2026-11-25T10:45:00.000Z")],
    ["in 1 Std. 30 Min.", once("2026-11-25T10:45:00.000Z")],
    ["in 30m1h", undefined],
    ["at 9 every day", cronIn("0 9 * * *")],
    ["9am daily", cronIn("0 9 * * *")],
    ["every day 9am", cronIn("0 9 * * *")],
    ["um 9 jeden Tag", cronIn("0 9 * * *")],
    ["jeden Tag um 9 Uhr", cronIn("0 9 * * *")],
    ["täglich um 9.30 Uhr", cronIn("30 9 * * *")],
    ["täglich um halb neun", cronIn("30 8 * * *")],
    ["every day at half past nine", cronIn("30 9 * * *")],
    ["midnight on weekdays", cronIn("0 0 * * 1-5")],
    ["Mitternacht an Werktagen", cronIn("0 0 * * 1-5")],
    ["werktags um 8", cronIn("0 8 * * 1-5")],
    ["9am and 5:30pm", undefined],
    ["every day at 9am and 5pm", cronIn("0 9,17 * * *")],
    ["9 Uhr und 17:30 Uhr", undefined],
    ["jeden Tag um 9 und 17 Uhr", cronIn("0 9,17 * * *")],
    ["every other day", everyMs(172_800_000)],
    ["jeden zweiten Tag", everyMs(172_800_000)],
    ["every other day at 9", undefined],
    ["jeden zweiten Tag um 9", undefined],
    ["every other monday", undefined],
    ["every second friday at 9", undefined],
    ["every morning", cronIn("0 9 * * *")],
    ["every morning at 7", cronIn("0 7 * * *")],
    ["every evening at 6", cronIn("0 18 * * *")],
    ["jeden Morgen", cronIn("0 9 * * *")],
    ["jeden Abend um 6", cronIn("0 18 * * *")],
    ["every night", undefined],
    ["mon-fri at 9", cronIn("0 9 * * 1-5")],
    ["Mon - Fri at 9:15", cronIn("15 9 * * 1-5")],
    ["Mo-Fr um 9", cronIn("0 9 * * 1-5")],
    ["von Montag bis Freitag um 9 Uhr", cronIn("0 9 * * 1-5")],
    ["jeden Montag und Donnerstag um 17:00", cronIn("0 17 * * 1,4")],
    ["montags um 8", cronIn("0 8 * * 1")],
    ["every 3rd friday at 5pm New York", cronIn("0 17 * * 5#3", "America/New_York")],
    ["every last friday at 16", cronIn("0 16 * * 5L")],
    ["jeden dritten Freitag im Monat um 17 Uhr New York", cronIn("0 17 * * 5#3", "America/New_York")],
    ["jeden 3. Freitag um 17 Uhr", undefined],
    ["am letzten Tag des Monats um 18 Uhr", cronIn("0 18 L * *")],
    ["am 1. jedes Monats um 9", cronIn("0 9 1 * *")],
    ["jedes Jahr am 24. Dezember um 12 Uhr", cronIn("0 12 24 12 *")],
    ["daily at 9 utc", cronIn("0 9 * * *", "UTC")],
    ["täglich um 9 UTC", cronIn("0 9 * * *", "UTC")],
    ["every day at 9 europe/berlin", cronIn("0 9 * * *")],
    ["every day at 9 Tokyo time", cronIn("0 9 * * *", "Asia/Tokyo")],
    ["every day at 9 EST", undefined],
    ["sunday evenings at 8", cronIn("0 20 * * 0")],
    ["sunday evening at 8", once("2026-11-29T19:00:00.000Z")],
    ["saturday mornings", cronIn("0 9 * * 6")],
    ["mittags", cronIn("0 12 * * *")],
    ["abends um 8", cronIn("0 20 * * *")],
    ["morgens um 7", cronIn("0 7 * * *")],
    ["nachts um 2", undefined],
    ["every noon", cronIn("0 12 * * *")],
    ["on mondays at 9", cronIn("0 9 * * 1")],
    ["Mondays, 9am", cronIn("0 9 * * 1")],
    ["9 o'clock every day", cronIn("0 9 * * *")],
    ["at 6 in the morning every day", cronIn("0 6 * * *")],
    ["every day at 3 in the afternoon", cronIn("0 15 * * *")],
    ["yearly on january 1st", cronIn("0 9 1 1 *")],
    ["jährlich am 1. Januar", cronIn("0 9 1 1 *")],
    ["every half hour", everyMs(1_800_000)],
    ["every quarter of an hour", everyMs(900_000)],
    ["every hour and a half", everyMs(5_400_000)],
    ["every quarter", undefined],
    ["in 2 days at 9", once("2026-11-27T08:00:00.000Z")],
    ["in drei Tagen um 18 Uhr", once("2026-11-28T17:00:00.000Z")],
    ["in 2,5 Stunden", once("2026-11-25T11:45:00.000Z")],
    ["20 minutes from now", once("2026-11-25T09:35:00.000Z")],
    ["in 20 minutes please", once("2026-11-25T09:35:00.000Z")],
    ["nächsten Montag um 9", once("2026-11-30T08:00:00.000Z")],
    ["kommenden Freitag um 17 Uhr", once("2026-11-27T16:00:00.000Z")],
    ["24.12.2026 18:00", once("2026-12-24T17:00:00.000Z")],
    ["1.2.2027 um 18 Uhr", once("2027-02-01T17:00:00.000Z")],
    ["1.2.2027 18:00", once("2027-02-01T17:00:00.000Z")],
    ["am 24.12. um 18 Uhr", once("2026-12-24T17:00:00.000Z")],
    ["24.12. 18:00", once("2026-12-24T17:00:00.000Z")],
    ["am 05.01. um 9", once("2027-01-05T08:00:00.000Z")],
    ["24.13. 18:00", undefined],
    ["24. Dezember 2027 um 18 Uhr", once("2027-12-24T17:00:00.000Z")],
    ["December 24 18:00", once("2026-12-24T17:00:00.000Z")],
    ["24 Dec 18:00", once("2026-12-24T17:00:00.000Z")],
    ["24th of December, 6pm", once("2026-12-24T17:00:00.000Z")],
    ["Dec 24, 2027 at 6pm", once("2027-12-24T17:00:00.000Z")],
    ["Dec 24, 2027", once("2027-12-24T08:00:00.000Z")],
    ["31 Dec 2026 23:59 Asia/Tokyo", once("2026-12-31T14:59:00.000Z")],
    ["every year on December 24 18:00", cronIn("0 18 24 12 *")],
    ["every year on December 24 2027", undefined],
    ["2026-12-24 6pm", once("2026-12-24T17:00:00.000Z")],
    ["2026-12-24, 18:00", once("2026-12-24T17:00:00.000Z")],
    ["every day except sunday at 9", undefined],
    ["every day at 9 for 3 days", undefined],
    ["every monday at 9 and friday at 10", undefined],
    ["every 15 minutes from 9am to 5pm", undefined],
    ["mon, wed, fri at 7am", undefined],
    ["Mo, Mi, Fr um 7", undefined],
    ["weekly", undefined],
    ["every day at 9ish", undefined],
    ["morgen um 8:30", once("2026-11-26T07:30:00.000Z")],
    ["morgen früh", once("2026-11-26T08:00:00.000Z")],
    ["tomorrow morning", once("2026-11-26T08:00:00.000Z")],
    ["tomorrow evening at 7", once("2026-11-26T18:00:00.000Z")],
    ["übermorgen um 9", once("2026-11-27T08:00:00.000Z")],
    ["heute um 17 Uhr", once("2026-11-25T16:00:00.000Z")],
    ["tonight at 11", once("2026-11-25T22:00:00.000Z")],
    ["tonight at 12", undefined],
    ["heute Abend um 8", once("2026-11-25T19:00:00.000Z")],
    ["5pm friday", once("2026-11-27T16:00:00.000Z")],
    ["jede Woche am Montag um 9", cronIn("0 9 * * 1")],
    ["every week on monday at 9", cronIn("0 9 * * 1")],
    ["alle halbe Stunde", everyMs(1_800_000)],
    ["heute Abend", once("2026-11-25T19:00:00.000Z")],
    ["am Freitag um 12 Uhr", once("2026-11-27T11:00:00.000Z")],
    ["am 24. Dezember um 18 Uhr", once("2026-12-24T17:00:00.000Z")],
    ["am 24.12.2026 um 18 Uhr", once("2026-12-24T17:00:00.000Z")],
    ["um 17 Uhr 30", once("2026-11-25T16:30:00.000Z")],
    ["tonight at half past 8", once("2026-11-25T19:30:00.000Z")],
    ["heute Abend um halb neun", once("2026-11-25T19:30:00.000Z")],
    ["morgen Abend um Viertel vor 9", once("2026-11-26T19:45:00.000Z")],
    ["tomorrow evening at 8 o'clock", once("2026-11-26T19:00:00.000Z")],
    ["jeden Abend um Viertel nach 8", cronIn("15 20 * * *")],
    ["every evening at 8 and 10", cronIn("0 20,22 * * *")],
    ["abends um 8 und um 10", cronIn("0 20,22 * * *")],
    ["sunday mornings at 7 and 8", cronIn("0 7,8 * * 0")],
    ["every evening at 21:30", cronIn("30 21 * * *")],
    ["every evening at 6am", undefined],
    ["every morning at 9pm", undefined],
    ["jeden Morgen um 21 Uhr", undefined],
    ["every evening at midnight", undefined],
    ["tonight at 1", undefined],
    ["every day at 9 and 5pm", cronIn("0 9,17 * * *")],
    ["every day at 8 and 9 pm", undefined],
    ["jeden Tag um 8 und 9 Uhr abends", undefined],
    ["every day at 9am and 5", undefined],
    ["every day at 9, at 12 and at 17", cronIn("0 9,12,17 * * *")],
    ["jeden Tag um 9 und um 17 Uhr", cronIn("0 9,17 * * *")],
    ["every monday, at 9", cronIn("0 9 * * 1")],
    ["half past 8 on weekdays", cronIn("30 8 * * 1-5")],
    ["um halb zehn täglich", cronIn("30 9 * * *")],
    ["Freitagabend um halb neun", once("2026-11-27T19:30:00.000Z")],
    ["jeden Montagmorgen um 8", cronIn("0 8 * * 1")],
    ["montags abends um 8", cronIn("0 20 * * 1")],
    ["Montag abends um 8", undefined],
    ["at 9 on christmas", undefined],
    ["every day at 9 christmas", undefined],
    ["every day easter", undefined],
    ["tomorrow at 7 wake", undefined],
    ["every day at 9 in Easter", cronIn("0 9 * * *", "Pacific/Easter")],
    ["every 24 hours", everyMs(86_400_000)],
    ["every 1440 minutes", everyMs(86_400_000)],
    ["in vierzehn Tagen", once("2026-12-09T09:15:00.000Z")],
    ["in zweieinhalb Stunden", once("2026-11-25T11:45:00.000Z")],
    ["in fünf Min.", once("2026-11-25T09:20:00.000Z")],
    ["in an hour and 15 minutes", once("2026-11-25T10:30:00.000Z")],
    ["morgens", undefined],
    ["jeden", undefined],
    ["irgendwann morgen", undefined],
  ])("%s", (words, schedule) => {
    expect(read(words)).toEqual(schedule);
  });

  test.each([
    ["9am and 5:30pm", /every day at 9:30 and 17:30/],
    ["every other day at 9", /every 2 days/],
    ["jeden zweiten Tag um 9", /every 2 days/],
    ["every second friday", /on the second monday of each month/],
    ["jeden dritten Freitag", /on the second monday of each month/],
    ["every night", /every day at 22:00/],
    ["daily at 9 est", /every day at 9 New York/],
    ["every hour between 9 and 17", /a cron expression .* 9-17/],
    ["weekdays 9-5", /a cron expression/],
    ["mon, wed, fri at 7am", /every monday, wednesday and friday/],
    ["Di und Do 14:00", /every monday, wednesday and friday/],
    ["wöchentlich", /every monday at 9/],
    ["every day except sunday at 9", /every monday, wednesday and friday/],
    ["täglich außer am Wochenende um 9", /every monday, wednesday and friday/],
    ["twice a day", /every day at 9 and 17/],
    ["every day at 8 and 9 pm", /every day at 20:00 and 21:00/],
  ])("%s: says what would be understood", (words, hint) => {
    expect(read(words)).toBeUndefined();
    expect(scheduleHint(words)).toMatch(hint);
    for (const [, example] of scheduleHint(words)!.matchAll(/"([^"]+)"/g))
      expect(read(example!), example).toBeDefined();
  });
});

describe("what comes back", () => {
  test.each([
    ["every weekday at 9", "0 9 * * 1-5"],
    ["Every weekday at 9:30am.", "30 9 * * 1-5"],
    ["weekdays at noon", "0 12 * * 1-5"],
    ["every day", "0 9 * * *"],
    ["daily at midnight", "0 0 * * *"],
    ["every day at 9 and 17", "0 9,17 * * *"],
    ["every monday and thursday at 17:00", "0 17 * * 1,4"],
    ["mondays at 8", "0 8 * * 1"],
    ["every mon, wed and fri at 5 pm", "0 17 * * 1,3,5"],
    ["every monday to friday at 18:00", "0 18 * * 1-5"],
    ["every weekend at 10", "0 10 * * 0,6"],
    ["on the 1st of each month at 9", "0 9 1 * *"],
    ["every month on the 15th at 7:45", "45 7 15 * *"],
    ["on the last day of every month at 18:00", "0 18 L * *"],
    ["on the first monday of each month at 9", "0 9 * * 1#1"],
    ["every last friday of the month at 16", "0 16 * * 5L"],
    ["every year on december 24 at 12", "0 12 24 12 *"],
  ])("%s", (words, expr) => {
    const schedule = read(words);
    expect(schedule).toEqual({ kind: "cron", expr, tz: ZONE });
    expect(() => checkSchedule(schedule!, NOW)).not.toThrow();
  });

  test("intervals", () => {
    expect(read("every 2 hours")).toEqual({ kind: "every", everyMs: 7_200_000 });
    expect(read("every minute")).toEqual({ kind: "every", everyMs: 60_000 });
    expect(read("every half an hour")).toEqual({ kind: "every", everyMs: 1_800_000 });
    expect(read("hourly")).toEqual({ kind: "every", everyMs: 3_600_000 });
    expect(read("every 2 weeks")).toEqual({ kind: "every", everyMs: 1_209_600_000 });
  });

  test("a zone may be named", () => {
    expect(read("every day at 9 (America/New_York)")).toEqual({
      kind: "cron",
      expr: "0 9 * * *",
      tz: "America/New_York",
    });
    expect(read("every day at 9 in Asia/Tokyo")).toEqual({ kind: "cron", expr: "0 9 * * *", tz: "Asia/Tokyo" });
    expect(read("every day at 9 UTC")).toEqual({ kind: "cron", expr: "0 9 * * *", tz: "UTC" });
    expect(read("every day at 9 in Mars/Base")).toBeUndefined();
  });
});

test.each([
  ["in 20 minutes", "2026-11-25T09:35:00.000Z"],
  ["in an hour", "2026-11-25T10:15:00.000Z"],
  ["remind me in 2 days", "2026-11-27T09:15:00.000Z"],
  ["tomorrow at 8:30", "2026-11-26T07:30:00.000Z"],
  ["tomorrow", "2026-11-26T08:00:00.000Z"],
  ["at 17:00", "2026-11-25T16:00:00.000Z"],
  ["9:00", "2026-11-26T08:00:00.000Z"],
  ["tonight", "2026-11-25T19:00:00.000Z"],
  ["friday at noon", "2026-11-27T11:00:00.000Z"],
  ["on wednesday at 9", "2026-12-02T08:00:00.000Z"],
  ["wednesday at 11", "2026-11-25T10:00:00.000Z"],
  ["next wednesday at 11", "2026-12-02T10:00:00.000Z"],
  ["2026-12-24 18:00", "2026-12-24T17:00:00.000Z"],
  ["2026-12-24 18:00:30", "2026-12-24T17:00:30.000Z"],
  ["2026-12-24T18:00", "2026-12-24T17:00:00.000Z"],
  ["2026-12-24T18:00:00Z", "2026-12-24T18:00:00.000Z"],
  ["2026-12-24T18:00Z", "2026-12-24T18:00:00.000Z"],
  ["once, 2026-12-24T18:00:07.936Z", "2026-12-24T18:00:07.936Z"],
  ["2026-12-24T18:00:00+05:30", "2026-12-24T12:30:00.000Z"],
  ["on 2026-12-24 18:00 -0800", "2026-12-25T02:00:00.000Z"],
  ["2026-12-24T18:00:00 Asia/Tokyo", "2026-12-24T09:00:00.000Z"],
  ["on december 24 at 6pm", "2026-12-24T17:00:00.000Z"],
  ["24 november at 9", "2027-11-24T08:00:00.000Z"],
  ["2027-03-28 at 2:30", "2027-03-28T01:00:00.000Z"],
])("once: %s", (words, at) => {
  expect(read(words)).toEqual({ kind: "at", at });
});

test.each([
  "",
  "soon",
  "every",
  "every blue moon",
  "every 0 minutes",
  "every other day at 9",
  "every 2 days at 9",
  "at 25:00",
  "every day at 9:15 and 17:30",
  "13 pm",
  "2026-02-30 at 9",
  "2026-02-30T09:00:00Z",
  "2026-12-24T25:00:00Z",
  "2026-12-24T18:00:00Z Asia/Tokyo",
  "on the 32nd of each month at 9",
  "every monday and noon",
])("not understood: %j", (words) => {
  expect(read(words)).toBeUndefined();
});

test.each([
  ["2020-01-01 9:00", "2020-01-01T08:00:00.000Z"],
  ["2020-01-01T09:00:00Z", "2020-01-01T09:00:00.000Z"],
  ["24 dec 2025", "2025-12-24T08:00:00.000Z"],
  ["today at 9", "2026-11-25T08:00:00.000Z"],
  ["in 0 days at 9", "2026-11-25T08:00:00.000Z"],
])("what has passed is understood all the same: %s", (words, at) => {
  expect(read(words)).toEqual({ kind: "at", at });
});

test("an interval of a day is told from a time of day", () => {
  const words = describeSchedule({ kind: "every", everyMs: 86_400_000 }, ZONE);
  expect(words).toBe("every 24 hours");
  expect(read(words)).toEqual({ kind: "every", everyMs: 86_400_000 });
});

test.each([
  ["0 9 * * 1-5", "every weekday at 09:00 (Europe/Berlin)"],
  ["0 9 * * MON-FRI", "every weekday at 09:00 (Europe/Berlin)"],
  ["0 30 17 * * 1,4", "every monday and thursday at 17:30 (Europe/Berlin)"],
  ["0 9,17 * * *", "every day at 09:00 and 17:00 (Europe/Berlin)"],
  ["0 9 1 * *", "on the 1st of each month at 09:00 (Europe/Berlin)"],
  ["0 9 22 * *", "on the 22nd of each month at 09:00 (Europe/Berlin)"],
  ["0 18 L * *", "on the last day of each month at 18:00 (Europe/Berlin)"],
  ["0 16 * * 5L", "on the last friday of each month at 16:00 (Europe/Berlin)"],
  ["0 9 * * 1#2", "on the second monday of each month at 09:00 (Europe/Berlin)"],
  ["0 12 24 12 *", "every year on december 24 at 12:00 (Europe/Berlin)"],
  ["0 10 * * 6,0", "every weekend at 10:00 (Europe/Berlin)"],
])("%s in words, and back", (expr, words) => {
  expect(describeSchedule({ kind: "cron", expr, tz: ZONE })).toBe(words);
  const back = read(words)!;
  expect(describeSchedule(back)).toBe(words);
});

test("what has no way back is at least readable", () => {
  const cron = (expr: string) => describeSchedule({ kind: "cron", expr, tz: "UTC" });
  expect(cron("*/15 * * * *")).toBe("every 15 minutes (UTC)");
  expect(cron("*/7 * * * *")).toBe("*/7 * * * * (UTC)");
  expect(cron("@hourly")).toBe("every hour (UTC)");
  expect(cron("@daily")).toBe("every day at 00:00 (UTC)");
  expect(cron("5 * * * 1-5")).toBe("every hour at minute 5, every weekday (UTC)");
  expect(cron("0 9 1 * 1")).toBe("0 9 1 * 1 (UTC)");
  expect(describeSchedule({ kind: "every", everyMs: 90_000 })).toBe("every 90 seconds");
  expect(describeSchedule({ kind: "at", at: "2026-12-24T17:00:00Z" }, ZONE)).toBe(
    "once, on 2026-12-24 at 18:00 (Europe/Berlin)",
  );
  expect(read("once, on 2026-12-24 at 18:00 (Europe/Berlin)")).toEqual({ kind: "at", at: "2026-12-24T17:00:00.000Z" });
});

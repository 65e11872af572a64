import { expect, test } from "vitest";
import { parseSchedule } from "../../src/schedule/scheduleInput.ts";
import { momentWords, scheduleWords, timeWords, type Locale } from "../../src/schedule/scheduleWords.ts";

const locale: Locale = { language: "en", timeZone: "Europe/Berlin", now: Date.parse("2026-11-22T12:00:00Z") };

test.each([
  [{ kind: "cron", expr: "*/5 * * * *" }, "every 5 minutes"],
  [{ kind: "cron", expr: "30 7 * * 1-5" }, "every weekday at 07:30"],
  [{ kind: "cron", expr: "0 9 * * MON,WED" }, "every Monday and Wednesday at 09:00"],
  [{ kind: "cron", expr: "0 12 24 12 *" }, "every year on December 24 at 12:00"],
  [{ kind: "cron", expr: "0 9 13 * 5" }, "0 9 13 * 5"],
  [{ kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" }, "every day at 09:00"],
  [{ kind: "cron", expr: "0 9 * * *", tz: "Asia/Tokyo" }, "every day at 09:00 (Asia/Tokyo)"],
  [{ kind: "every", everyMs: 90_000 }, "every 90 seconds"],
] as const)("%j is %s", (schedule, words) => {
  expect(scheduleWords(schedule, locale)).toBe(words);
});

test("a time is the machine's, with its zone, and with the year when it is another one", () => {
  expect(timeWords(Date.parse("2026-11-23T08:00:00Z"), locale)).toBe("Mon, Nov 23, 09:00 GMT+1");
  expect(timeWords(Date.parse("2027-06-01T08:00:00Z"), locale)).toBe("Tue, Jun 1, 2027, 10:00 GMT+2");
  expect(scheduleWords({ kind: "at", at: "2026-11-23T08:00:00Z" }, locale)).toBe("once, Mon, Nov 23, 09:00 GMT+1");
});

test.each([
  ["2026-11-23T08:00:00.000Z", "2026-11-23 09:00"],
  ["2026-11-23T08:00:07.000Z", "2026-11-23 09:00:07"],
  ["2026-10-25T00:30:00.000Z", "2026-10-25 02:30"],
  ["2026-10-25T01:30:00.000Z", "2026-10-25T01:30:00.000Z"],
])("a moment as it may be typed: %s", (at, words) => {
  expect(momentWords(Date.parse(at), "Europe/Berlin")).toBe(words);
  expect(parseSchedule(words, 0, "Europe/Berlin")).toEqual({ schedule: { kind: "at", at } });
});

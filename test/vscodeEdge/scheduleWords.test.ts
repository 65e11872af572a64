import { expect, test } from "vitest";
import { scheduleWords, timeWords, type Locale } from "../../src/vscode/scheduleWords.ts";

const locale: Locale = { language: "en", timeZone: "Europe/Berlin", now: Date.parse("2026-11-22T12:00:00Z") };

test.each([
  ["* * * * *", "every minute"],
  ["*/5 * * * *", "every 5 minutes"],
  ["0 * * * *", "every hour"],
  ["15 * * * *", "every hour at minute 15"],
  ["0 9 * * *", "at 09:00, every day"],
  ["30 7 * * 1-5", "at 07:30, Monday to Friday"],
  ["0 9 * * MON,WED", "at 09:00, Monday, Wednesday"],
  ["0 9 * * 7", "at 09:00, Sunday"],
  ["0 0 1 * *", "at 00:00, on day 1 of the month"],
  ["0 0 9 * * 1", "at 09:00, Monday"],
  ["*/10 * * * 6,0", "every 10 minutes, Saturday, Sunday"],
  ["0 9 1 1 *", "0 9 1 1 *"],
  ["0 9 13 * 5", "0 9 13 * 5"],
  ["5,35 8-18 * * *", "5,35 8-18 * * *"],
])("cron %s is %s", (expr, words) => {
  expect(scheduleWords({ kind: "cron", expr }, locale)).toBe(words);
});

test("a zone is named only when it is not the machine's", () => {
  expect(scheduleWords({ kind: "cron", expr: "0 9 * * *", tz: "Asia/Tokyo" }, locale)).toBe(
    "at 09:00, every day (Asia/Tokyo)",
  );
  expect(scheduleWords({ kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" }, locale)).toBe("at 09:00, every day");
});

test.each([
  [1000, "every second"],
  [90_000, "every 90 seconds"],
  [3_600_000, "every hour"],
  [172_800_000, "every 2 days"],
  [1500, "every 1.5 seconds"],
])("an interval of %i ms is %s", (everyMs, words) => {
  expect(scheduleWords({ kind: "every", everyMs }, locale)).toBe(words);
});

test("a time is the machine's, with its zone, and with the year when it is another one", () => {
  expect(timeWords(Date.parse("2026-11-23T08:00:00Z"), locale)).toBe("Mon, Nov 23, 09:00 GMT+1");
  expect(timeWords(Date.parse("2027-06-01T08:00:00Z"), locale)).toBe("Tue, Jun 1, 2027, 10:00 GMT+2");
  expect(scheduleWords({ kind: "at", at: "2026-11-23T08:00:00Z" }, locale)).toBe("once, Mon, Nov 23, 09:00 GMT+1");
});

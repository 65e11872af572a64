import { expect, test } from "vitest";
import { parseDuration, parseSchedule } from "../../src/vscode/scheduleInput.ts";

const now = new Date(2026, 10, 22, 12, 0, 0).getTime();
const at = (time: number) => ({ kind: "at", at: new Date(time).toISOString() });

test.each([
  ["every 10 min", { kind: "every", everyMs: 600_000 }],
  ["every hour", { kind: "every", everyMs: 3_600_000 }],
  ["Every 2 days", { kind: "every", everyMs: 172_800_000 }],
  ["in 20 min", at(now + 1_200_000)],
  ["18:30", at(new Date(2026, 10, 22, 18, 30).getTime())],
  ["at 09:00", at(new Date(2026, 10, 23, 9, 0).getTime())],
  ["2026-12-24 18:00", at(new Date(2026, 11, 24, 18, 0).getTime())],
  ["0 9 * * 1-5", { kind: "cron", expr: "0 9 * * 1-5" }],
  ["0 9 * * MON", { kind: "cron", expr: "0 9 * * MON" }],
  ["0 0 9 * * FRI", { kind: "cron", expr: "0 0 9 * * FRI" }],
  ["0 9 * * 1-5  Europe/Berlin", { kind: "cron", expr: "0 9 * * 1-5", tz: "Europe/Berlin" }],
  ["30 0 9 * * 1 UTC", { kind: "cron", expr: "30 0 9 * * 1", tz: "UTC" }],
])("reads %s", (text, schedule) => {
  expect(parseSchedule(text, now)).toEqual({ schedule });
});

test.each([
  ["", /Type a schedule/],
  ["every soon", /"soon" is no duration/],
  ["every 0.5 s", /shortest interval/],
  ["in a bit", /"a bit" is no duration/],
  ["25:00", /no 25:00/],
  ["2020-01-01", /passed/],
  ["2026-13-45", /no date/],
  ["tomorrow", /five cron fields/],
])("says what is wrong with %j", (text, error) => {
  expect(parseSchedule(text, now).error).toMatch(error);
});

test.each([
  ["20 min", 1_200_000],
  ["1.5h", 5_400_000],
  ["2 hours", 7_200_000],
  ["30 sec", 30_000],
  ["1 day", 86_400_000],
  ["20", undefined],
  ["1 month", undefined],
])("the duration %s is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

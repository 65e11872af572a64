import { expect, test } from "vitest";
import { parseSchedule } from "../../src/schedule/scheduleInput.ts";

const now = Date.parse("2026-11-22T11:00:00Z");
const read = (text: string) => parseSchedule(text, now, "Europe/Berlin");

test.each([
  ["every weekday at 9", { kind: "cron", expr: "0 9 * * 1-5", tz: "Europe/Berlin" }],
  ["in 20 minutes", { kind: "at", at: "2026-11-22T11:20:00.000Z" }],
  ["every 10 min", { kind: "every", everyMs: 600_000 }],
  ["18:30", { kind: "at", at: "2026-11-22T17:30:00.000Z" }],
  ["2026-12-24 18:00", { kind: "at", at: "2026-12-24T17:00:00.000Z" }],
  ["0 9 * * 1-5", { kind: "cron", expr: "0 9 * * 1-5" }],
  ["0 9 * * MON", { kind: "cron", expr: "0 9 * * MON" }],
  ["0 0 9 * * FRI", { kind: "cron", expr: "0 0 9 * * FRI" }],
  ["0 9 * * 1-5  Europe/Berlin", { kind: "cron", expr: "0 9 * * 1-5", tz: "Europe/Berlin" }],
  ["30 0 9 * * 1 UTC", { kind: "cron", expr: "30 0 9 * * 1", tz: "UTC" }],
  ["2020-01-01", { kind: "at", at: "2020-01-01T08:00:00.000Z" }],
  ["@daily", { kind: "cron", expr: "@daily" }],
  ["@daily Asia/Tokyo", { kind: "cron", expr: "@daily", tz: "Asia/Tokyo" }],
])("reads %s", (text, schedule) => {
  expect(read(text)).toEqual({ schedule });
});

test.each([
  ["", /Type when/],
  ["every soon", /Not understood/],
  ["in a bit", /Not understood/],
  ["25:00", /Not understood/],
  ["31 Dec 2026 23.59 Asia/Tokyo", /Not understood/],
  ["0 9 12:30 * *", /Not understood/],
  ["tell me about the weather", /Not understood/],
])("says what is wrong with %j", (text, error) => {
  expect(read(text).error).toMatch(error);
});

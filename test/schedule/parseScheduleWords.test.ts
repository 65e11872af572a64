import { describe, expect, test } from "vitest";
import { describeSchedule } from "../../src/schedule/describeSchedule.ts";
import { checkSchedule } from "../../src/schedule/jobSchema.ts";
import { toScheduleFromWords } from "../../src/schedule/parseScheduleWords.ts";

// A Wednesday, 10:15 in Berlin.
const NOW = Date.parse("2026-11-25T09:15:00.000Z");
const ZONE = "Europe/Berlin";
const read = (words: string) => toScheduleFromWords(words, NOW, ZONE);

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
  "2020-01-01 at 9",
  "today at 9",
  "on the 32nd of each month at 9",
  "every monday and noon",
])("not understood: %j", (words) => {
  expect(read(words)).toBeUndefined();
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

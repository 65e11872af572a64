import { describe, expect, test } from "vitest";
import { cronFault } from "../../src/schedule/cronExpression.ts";
import { checkSchedule } from "../../src/schedule/jobSchema.ts";
import { nextSlot } from "../../src/schedule/nextSlot.ts";

// The named cases of the Open Cron Pattern Specification, 1.0 to 1.4. What differs stands below, and in docs/cron.md.

/** Whether it fires at a second, in UTC. */
function fires(expr: string, at: string): boolean {
  const time = Date.parse(`${at.replace(" ", "T")}Z`);
  return nextSlot({ kind: "cron", expr, tz: "UTC" }, time - 1, 0) === time;
}

describe("fires at the first, and not at the second", () => {
  test.each<[version: string, name: string, expr: string, at: string[], notAt: string[]]>([
    ["1.0", "five fields", "15 10 * * *", ["2025-03-10 10:15"], ["2025-03-10 10:14"]],
    ["1.0", "names in any case", "30 8 * jan Mon", ["2025-01-06 08:30"], ["2025-02-03 08:30"]],
    [
      ...(["1.0", "steps of a range", "5-59/15 9 * * *"] as const),
      ["2025-03-10 09:05", "2025-03-10 09:20", "2025-03-10 09:35", "2025-03-10 09:50"],
      ["2025-03-10 09:15"],
    ],
    [
      ...(["1.0", "two restricted day fields are alternatives", "0 12 1 * MON"] as const),
      ["2025-10-01 12:00", "2025-10-06 12:00", "2025-09-08 12:00"],
      ["2025-10-07 12:00"],
    ],
    ["1.0", "* restricts nothing", "0 12 * * MON", ["2025-10-06 12:00"], ["2025-10-07 12:00"]],
    [
      ...(["1.0", "a range of all days is restricted", "0 12 1-31 * MON"] as const),
      ["2025-10-06 12:00", "2025-10-07 12:00"],
      ["2025-10-08 11:00"],
    ],
    ["1.1", "@yearly", "@yearly", ["2026-01-01 00:00"], ["2026-01-02 00:00", "2026-02-01 00:00"]],
    ["1.1", "@annually", "@annually", ["2026-01-01 00:00"], ["2026-01-02 00:00"]],
    ["1.1", "@monthly", "@monthly", ["2026-02-01 00:00"], ["2026-02-02 00:00"]],
    ["1.1", "@weekly", "@weekly", ["2025-10-05 00:00"], ["2025-10-06 00:00"]],
    ["1.1", "@daily", "@daily", ["2025-10-07 00:00"], ["2025-10-07 00:01"]],
    ["1.1", "@midnight", "@midnight", ["2025-10-07 00:00"], ["2025-10-07 00:01"]],
    ["1.1", "@hourly", "@hourly", ["2025-10-07 10:00"], ["2025-10-07 10:01"]],
    ["1.2", "no seconds are second 0", "15 10 * * *", ["2025-03-10 10:15:00"], ["2025-03-10 10:15:30"]],
    ["1.2", "seconds", "30 15 10 * * *", ["2025-03-10 10:15:30"], ["2025-03-10 10:15:29"]],
    ["1.2", "a year", "0 15 10 * * * 2025", ["2025-03-10 10:15:00"], ["2026-03-10 10:15:00"]],
    ["1.2", "steps of years", "0 0 0 1 1 * 1970-2199/2", ["2026-01-01 00:00:00"], ["2025-01-01 00:00:00"]],
    ["1.2", "open steps of years", "0 0 0 1 1 * */2", ["2026-01-01 00:00:00"], ["2025-01-01 00:00:00"]],
    ["1.2", "odd years", "0 0 0 1 1 * 1971-2199/2", ["2025-01-01 00:00:00"], ["2026-01-01 00:00:00"]],
    [
      "1.2",
      "a list of years",
      "0 0 0 1 1 * 2025,2028-2029",
      ["2025-01-01 00:00", "2029-01-01 00:00"],
      ["2026-01-01 00:00"],
    ],
    ["1.3", "the last day", "0 0 L * *", ["2025-02-28 00:00"], ["2025-02-27 00:00"]],
    ["1.3", "the last weekday", "0 0 * * FRI#L", ["2025-02-28 00:00"], ["2025-02-21 00:00"]],
    ["1.3", "the last weekday, by number", "0 0 * * 5#L", ["2025-02-28 00:00"], ["2025-02-21 00:00"]],
    ["1.3", "the last weekday, in short", "0 0 * * 5L", ["2025-02-28 00:00"], ["2025-02-21 00:00"]],
    ["1.3", "the nth weekday", "0 0 * * TUE#3", ["2025-06-17 00:00"], ["2025-06-10 00:00"]],
    ["1.3", "the closest workday", "0 12 15W * *", ["2025-06-16 12:00"], ["2025-06-15 12:00"]],
    ["1.3", "the closest workday is in the month", "0 12 1W * *", ["2025-02-03 12:00"], ["2025-02-01 12:00"]],
    [
      "1.4",
      "+ asks for both day fields",
      "0 12 1 * +MON",
      ["2025-09-01 12:00"],
      ["2025-09-08 12:00", "2025-10-01 12:00"],
    ],
    ["1.4", "? is *", "0 12 ? * MON", ["2025-10-06 12:00"], ["2025-10-07 12:00"]],
  ])("%s %s: %s", (_, __, expr, at, notAt) => {
    for (const time of at) expect(fires(expr, time), time).toBe(true);
    for (const time of notAt) expect(fires(expr, time), time).toBe(false);
  });
});

test.each([
  ["1.0", "60 0 * * *", "60 is no minute"],
  ["1.0", "0 0 /30 * *", "/30 is no day of the month"],
  ["1.0", "0 0 10/10 * *", "10/10 is no day of the month"],
  ["1.0", "*/0 0 * * *", "*/0 is no minute"],
  ["1.1", "@daily 0 0 * * *", ""],
  ["1.1", "@reboot", "it names a start and no time"],
  ["1.2", "0 0 0 1 1 * 1969", "1969 is no year from 1970 to 2199"],
  ["1.2", "0 0 0 1 1 * 2200", "2200 is no year from 1970 to 2199"],
  ["1.2", "0 0 0 1 1 * 2026/2", "2026/2 is no year"],
  ["1.2", "0 0 0 1 1 * 2030-2026", "2030-2026 is no year"],
  ["1.2", "0 0 0 1 1 * */0", "*/0 is no year"],
  ["1.3", "0 12 1-15W * *", "1-15W is no day of the month"],
  ["1.4", "0 12 +1 * MON", ""],
  ["1.4", "0 12 1 * MON+", ""],
  ["1.4", "? 12 * * *", "? is no minute"],
])("%s %s is refused: %s", (_, expr, words) => {
  expect(cronFault(expr)).toContain(words);
});

describe("what differs, as docs/cron.md says", () => {
  test("a range may go over the end", () => {
    expect(cronFault("0 0 10-5 * *")).toBeUndefined();
    expect([fires("0 22-2 * * *", "2025-10-07 01:00"), fires("0 22-2 * * *", "2025-10-07 03:00")]).toEqual([
      true,
      false,
    ]);
    expect([fires("0 0 * * 5-1", "2025-10-06 00:00"), fires("0 0 * * 5-1", "2025-10-07 00:00")]).toEqual([true, false]);
  });

  test("a day that does not exist is refused at once", () => {
    expect(cronFault("* * 31 2 *")).toBe("no month that it names has that day");
  });

  test("names are taken in any case", () => {
    expect(fires("@Daily", "2025-10-07 00:00")).toBe(true);
  });

  test("a time that is left out in spring fires when the gap ends", () => {
    const before = Date.parse("2026-03-28T12:00:00Z");
    expect(nextSlot({ kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" }, before, 0)).toBe(
      Date.parse("2026-03-29T01:00:00Z"),
    );
  });
});

test("fields may be apart by tabs and by more than one blank", () => {
  expect(fires("15\t10  *\t* *\n", "2025-03-10 10:15")).toBe(true);
});

test("years that are over never fire", () => {
  const now = Date.parse("2026-06-01T00:00:00Z");
  expect(() => checkSchedule({ kind: "cron", expr: "0 0 0 1 1 * 2020-2026" }, now)).toThrow(/never fires/);
  expect(nextSlot({ kind: "cron", expr: "0 0 0 29 2 * 2190-2199", tz: "UTC" }, now, 0)).toBe(
    Date.parse("2192-02-29T00:00:00Z"),
  );
});

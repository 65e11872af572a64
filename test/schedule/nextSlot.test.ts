import { Cron } from "croner";
import { createTask } from "node-cron";
import { describe, expect, test } from "vitest";
import { isAppError } from "../../src/base/appError.ts";
import { checkSchedule } from "../../src/schedule/jobSchema.ts";
import { lastSlot, nextSlot } from "../../src/schedule/nextSlot.ts";

const START = Date.parse("2026-11-22T00:00:00.000Z");
const TEN_YEARS = Date.parse("2036-11-22T00:00:00.000Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "Europe/Dublin",
  "Europe/Istanbul",
  "Europe/Chisinau",
  "Atlantic/Azores",
  "America/New_York",
  "America/Los_Angeles",
  "America/St_Johns",
  "America/Havana",
  "America/Santiago",
  "America/Asuncion",
  "America/Sao_Paulo",
  "America/Nuuk",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Africa/Johannesburg",
  "Asia/Beirut",
  "Asia/Jerusalem",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Shanghai",
  "Asia/Tokyo",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Antarctica/Troll",
];

// What both must agree on, the hours when clocks change included.
const OFTEN = ["*/15 * * * *", "0 * * * *", "30 */2 * * *", "20 */40 * * * *"];
const SELDOM = [
  "30 2 * * *",
  "30 0 * * *",
  "0 0 * * *",
  "15 1 * * *",
  "0 9 * * MON-FRI",
  "0 9 L * *",
  "0 9 31 * *",
  "0 9 13 * 5",
  "0 9 * JAN,JUL 1#1,5L",
  "0 0 29 2 *",
  "0 9 13 * +FRI",
  "0 9 * * SUN#L",
  "0 30 9 1 * * 2027-2029",
  "@weekly",
];

const cron = (expr: string, tz: string, after: number) => nextSlot({ kind: "cron", expr, tz }, after, 0);
const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());

/** The instants when a zone's clocks change, to the hour. */
function changesOf(tz: string): number[] {
  const format = new Intl.DateTimeFormat("en", { timeZone: tz, timeZoneName: "longOffset" });
  const offset = (time: number) => format.formatToParts(time).find(({ type }) => type === "timeZoneName")!.value;
  const changes: number[] = [];
  for (let time = START; time < TEN_YEARS; time += 7 * DAY) {
    if (offset(time) === offset(time + 7 * DAY)) continue;
    let low = time;
    let high = time + 7 * DAY;
    while (high - low > HOUR / 4) {
      const middle = (low + high) / 2;
      if (offset(middle) === offset(time)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

/** Both libraries' slots between two times, as they go on from each of ours. */
function compare(expr: string, tz: string, from: number, to: number): void {
  const oracle = new Cron(expr, { timezone: tz, paused: true });
  for (let time: number | null = from; time !== null && time < to;) {
    const next = cron(expr, tz, time);
    const theirs: number | null = oracle.nextRun(new Date(time))?.getTime() ?? null;
    if (next !== theirs)
      expect(`${expr} ${tz} after ${iso(time)}: ${iso(next)}`).toBe(`${expr} ${tz} after ${iso(time)}: ${iso(theirs)}`);
    time = next;
  }
}

describe("ten years in thirty zones, beside an independent library", () => {
  test.each(ZONES)("%s", (tz) => {
    const changes = changesOf(tz);
    for (const change of changes) {
      for (const expr of OFTEN) compare(expr, tz, change - 3 * HOUR, change + 3 * HOUR);
      for (const expr of SELDOM.slice(0, 4)) compare(expr, tz, change - 1.5 * DAY, change + 1.5 * DAY);
    }
    // Elsewhere the days are all alike: a walk through what is seldom, and looks at the rest here and there.
    for (const expr of SELDOM.slice(5)) compare(expr, tz, START, START + 3 * 365 * DAY);
    for (let at = START; at < TEN_YEARS; at += 193 * DAY + 5 * HOUR) {
      for (const expr of [...OFTEN, ...SELDOM]) compare(expr, tz, at, at + 1);
    }
  });

  test("the zones do change their clocks", () => {
    expect(ZONES.filter((tz) => changesOf(tz).length >= 18).length).toBeGreaterThanOrEqual(18);
  });

  test("every day of ten years has its slot, once", () => {
    const days = new Set<string>();
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/New_York", dateStyle: "short" });
    let count = 0;
    for (let time = cron("30 2 * * *", "America/New_York", START)!; time < TEN_YEARS; count++) {
      days.add(format.format(time));
      time = cron("30 2 * * *", "America/New_York", time)!;
    }
    expect([count, days.size]).toEqual([3653, 3653]);
  });
});

describe("where the clocks change", () => {
  const slots = (expr: string, from: string, count: number) => {
    const found: string[] = [];
    for (let time = Date.parse(from); found.length < count;)
      found.push(iso((time = cron(expr, "Europe/Berlin", time)!))!.slice(5, 16));
    return found;
  };

  test("a time that is left out fires when the gap ends, and a time that comes twice fires at the first", () => {
    expect(slots("30 2 * * *", "2027-03-27T12:00:00Z", 2)).toEqual(["03-28T01:00", "03-29T00:30"]);
    expect(slots("30 2 * * *", "2027-10-30T12:00:00Z", 2)).toEqual(["10-31T00:30", "11-01T01:30"]);
  });

  test("open hours go on with the time that passes", () => {
    expect(slots("*/30 * * * *", "2027-03-28T00:15:00Z", 3)).toEqual(["03-28T00:30", "03-28T01:00", "03-28T01:30"]);
    expect(slots("*/30 * * * *", "2027-10-31T00:15:00Z", 4)).toEqual([
      "10-31T00:30",
      "10-31T01:00",
      "10-31T01:30",
      "10-31T02:00",
    ]);
  });

  // docs/cron.md lists these differences.
  test("several given hours count by the wall too, where the other library lets them repeat or drops them", () => {
    expect(slots("0 1,2 * * *", "2027-03-27T12:00:00Z", 3)).toEqual(["03-28T00:00", "03-28T01:00", "03-28T23:00"]);
    expect(slots("0 1,2 * * *", "2027-10-30T12:00:00Z", 3)).toEqual(["10-30T23:00", "10-31T00:00", "11-01T00:00"]);
    expect(slots("*/15 2 * * *", "2027-03-27T12:00:00Z", 2)).toEqual(["03-28T01:00", "03-29T00:00"]);
    const theirs = new Cron("0 1,2 * * *", { timezone: "Europe/Berlin", paused: true });
    expect(theirs.nextRuns(3, "2027-03-27T12:00:00Z").map((date) => iso(date.getTime())!.slice(5, 16))).not.toContain(
      "03-28T01:00",
    );
  });
});

describe("expressions", () => {
  const first = (expr: string) => iso(cron(expr, "UTC", START));

  test.each([
    ["both day fields are alternatives", "0 9 15 * 1", "2026-11-23T09:00:00.000Z"],
    ["? is a day field left open", "0 9 15 * ?", "2026-12-15T09:00:00.000Z"],
    ["names", "0 9 * dec tuesday", "2026-12-01T09:00:00.000Z"],
    ["7 is Sunday", "0 9 * * 7", "2026-11-22T09:00:00.000Z"],
    ["steps", "*/20 6-18/6 * * *", "2026-11-22T06:00:00.000Z"],
    ["seconds", "*/10 * * * * *", "2026-11-22T00:00:10.000Z"],
    ["the last day", "0 0 L 2 *", "2027-02-28T00:00:00.000Z"],
    ["days before the last", "0 0 L-3 12 *", "2026-12-28T00:00:00.000Z"],
    ["the nearest workday", "0 0 15W 5 *", "2027-05-14T00:00:00.000Z"],
    ["the last workday", "0 0 LW 1 *", "2027-01-29T00:00:00.000Z"],
    ["the third Friday", "0 0 * 1 FRI#3", "2027-01-15T00:00:00.000Z"],
    ["the last Friday", "0 0 * 1 5L", "2027-01-29T00:00:00.000Z"],
    ["a range over the end", "0 22-2 * * *", "2026-11-22T01:00:00.000Z"],
    ["weekdays over the end", "0 9 23 * 5-1", "2026-11-22T09:00:00.000Z"],
    ["leap days", "0 0 29 2 *", "2028-02-29T00:00:00.000Z"],
    ["no month but the long ones", "0 0 31 * *", "2026-12-31T00:00:00.000Z"],
    ["the rarest", "0 0 * 2 1#5", "2044-02-29T00:00:00.000Z"],
    ["@hourly", "@hourly", "2026-11-22T01:00:00.000Z"],
    ["@yearly", "@yearly", "2027-01-01T00:00:00.000Z"],
  ])("%s: %s", (_, expr, time) => {
    expect(first(expr)).toBe(time);
  });

  test("every slot is one that node-cron's own matching agrees with", () => {
    for (const expr of ["*/7 3-5 * * 1-5", "0 0 L-2 * *", "0 12 15W * *", "0 9 * * 2#2", "5,10 */3 1-7 * *"]) {
      const task = createTask(expr, () => {}, { timezone: "Asia/Kolkata" });
      for (let time = START, i = 0; i < 200; i++) {
        time = cron(expr, "Asia/Kolkata", time)!;
        expect(task.match(new Date(time))).toBe(true);
      }
      void task.destroy();
    }
  });

  test("a leap day is found over 2100, which has none", () => {
    expect(iso(cron("0 0 29 2 *", "UTC", Date.parse("2096-03-01T00:00:00Z")))).toBe("2104-02-29T00:00:00.000Z");
  });

  test("a stored expression whose step is longer than its field goes on", () => {
    expect(iso(cron("*/90 * * * *", "UTC", Date.parse("2026-11-22T00:00:00Z")))).toBe("2026-11-22T01:00:00.000Z");
  });

  test("an unknown zone and an expression that is none have no slot", () => {
    expect(cron("nope", "UTC", START)).toBeNull();
  });
});

describe("what is refused, with its field and value", () => {
  const fault = (schedule: Parameters<typeof checkSchedule>[0]): string => {
    try {
      checkSchedule(schedule, START);
    } catch (error) {
      if (isAppError(error) && error.code === "bad_request") return error.message;
    }
    return "none";
  };

  test.each([
    ["nope", "is not a cron expression"],
    ["", "Expected some text, but it is blank"],
    [" ", "is not a cron expression"],
    ["* * * *", "is not a cron expression"],
    ["0 0 1 1 * * 2030 *", "is not a cron expression"],
    ["61 * * * *", "61 is no minute"],
    ["0 24 * * *", "24 is no hour"],
    ["0 9 * * 8", "8 is no day of the week"],
    ["5/15 * * * *", "5/15 is no minute"],
    ["*/90 * * * *", '*/90 steps over all 60 minutes and leaves only the first; an interval is "every 90 minutes"'],
    ["0-59/61 0 0 * * *", "0-59/61 steps over all 60 seconds"],
    ["0 */25 * * *", 'an interval is "every 25 hours"'],
    ["0 0 */40 * *", 'an interval is "every 40 days"'],
    ["0 0 1 */13 *", "*/13 steps over all 12 months and leaves only the first"],
    ["0 9 * * */14", 'an interval is "every 14 days"'],
    ["0 0 30 2 *", "no month that it names has that day"],
    ["0 0 31 4,6 *", "no month that it names has that day"],
    ["0 0 L-30 2 *", "never fires"],
    ["@reboot", "is not a cron expression"],
  ])("%j", (expr, words) => {
    expect(fault({ kind: "cron", expr, tz: "UTC" })).toContain(words);
    expect(fault({ kind: "cron", expr, tz: "UTC" })).toMatch(/^schedule\.expr: ["E]/);
  });

  test("zones, times and intervals", () => {
    expect(fault({ kind: "cron", expr: "* * * * *", tz: "Mars/Base" })).toContain('"Mars/Base" is not a time zone');
    expect(fault({ kind: "cron", expr: "* * * * *", tz: "+02:00" })).toContain("not a time zone");
    expect(fault({ kind: "at", at: "2020-01-01T00:00:00Z" })).toContain("has passed already");
    const beside = { kind: "at", at: "2030-01-01T09:00:00Z", tz: "Europe/Berlin" } as const;
    expect(fault(beside)).toBe(
      "schedule.tz: A zone belongs to cron; a moment says its own, as in 2026-12-24T18:00:00+01:00",
    );
    expect(fault({ kind: "at", at: "soon" })).toContain("is not a time in ISO 8601");
    expect(fault({ kind: "at", at: "2099-02-29T16:50Z" })).toContain("is not a time in ISO 8601");
    for (const at of ["2099-11-22T16:50Z", "2099-11-22T16:50+05:30", "2099-11-22T16:50", "2099-11-22T16:50:00.5Z"])
      expect(fault({ kind: "at", at })).toBe("none");
    expect(fault({ kind: "every", everyMs: 999 })).toContain("at least 1000");
    expect(fault({ kind: "every", everyMs: Number.NaN })).toContain("Expected a number");
    expect(fault({ kind: "cron", expr: "0 9 * * *" })).toBe("none");
    expect(fault({ kind: "cron", expr: "0 0 */24 */31 */12 */7 */2" })).toBe("none");
  });
});

describe("intervals and moments", () => {
  test("an interval counts from its anchor, whenever it is asked", () => {
    const every = { kind: "every", everyMs: 90_000, anchorMs: START } as const;
    expect(nextSlot(every, START, 0)).toBe(START + 90_000);
    expect(nextSlot(every, START + 89_999, 0)).toBe(START + 90_000);
    expect(nextSlot(every, START + 90_000, 0)).toBe(START + 180_000);
    expect(nextSlot(every, START - DAY, 0)).toBe(START);
    expect(nextSlot(every, START - 1, 0)).toBe(START);
    expect(nextSlot({ kind: "every", everyMs: 90_000 }, START, START - 1)).toBe(START + 89_999);
  });

  test("one that is longer than 32 bits of milliseconds", () => {
    expect(nextSlot({ kind: "every", everyMs: 60 * DAY }, START + 1, START)).toBe(START + 60 * DAY);
  });

  test("one that was stored before there was a limit ends where dates end", () => {
    expect(nextSlot({ kind: "every", everyMs: 9e15 }, START, START)).toBeNull();
    expect(nextSlot({ kind: "every", everyMs: 8.6e15 }, START, 0)).toBe(8.6e15);
  });

  test("a moment comes once", () => {
    const at = { kind: "at", at: new Date(START).toISOString() } as const;
    expect(nextSlot(at, START - 1, 0)).toBe(START);
    expect(nextSlot(at, START, 0)).toBeNull();
  });

  test.each([
    [{ kind: "cron", expr: "0 * * * *", tz: "UTC" } as const, 72],
    [{ kind: "cron", expr: "* * * * * *", tz: "UTC" } as const, 1000],
    [{ kind: "cron", expr: "* 9 * * *", tz: "UTC" } as const, 179],
    [{ kind: "every", everyMs: 1000 } as const, 1000],
    [{ kind: "every", everyMs: HOUR } as const, 72],
  ])("the newest of those that passed: %j", (schedule, before) => {
    const first = nextSlot(schedule, START - 1, START - HOUR)!;
    const now = START + 3 * DAY;
    const last = lastSlot(schedule, first, now, START - HOUR);
    expect(last.before).toBe(before);
    expect(last.slot).toBeLessThanOrEqual(now);
    expect(nextSlot(schedule, last.slot, START - HOUR)).toBeGreaterThan(now);
  });
});

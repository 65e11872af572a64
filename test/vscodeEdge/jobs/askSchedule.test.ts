import { beforeAll, expect, test } from "vitest";
import { askSchedule } from "../../../src/vscode/jobs/askSchedule.ts";
import { openScreen, screen } from "../editor/vscode.ts";

// Loaded here, so that no test waits for that.
beforeAll(async () => void (await import("../../../src/app.ts")));

/** The box on an evening, at a second of it, and what is told beneath what is typed. */
async function open(value: string) {
  openScreen();
  const at = (hour: number, minute: number, second = 0) => new Date(2026, 10, 27, hour, minute, second).getTime();
  const clock = { time: at(21, 59, 50), now: () => clock.time };
  const answered = askSchedule("When", value, clock);
  await expect.poll(() => screen.boxes.length).toBe(1);
  const box = screen.boxes[0]!;
  const told = () => (box["validationMessage"] as { message: string }).message;
  const isError = () => (box["validationMessage"] as { severity: number }).severity === 3;
  return { at, clock, answered, box, told, isError };
}

const moment = (time: number) => ({ kind: "at", at: new Date(time).toISOString() });
const timeOf = (schedule: unknown) => Date.parse((schedule as { at: string }).at);

test("what is accepted is what was shown, however long it was looked at", async () => {
  const { at, clock, answered, box } = await open("in 20 minutes");
  clock.time = at(22, 5);
  box.accept();
  const schedule = await answered;
  expect(moment(timeOf(schedule))).toEqual(moment(at(22, 19, 50)));
});

test("a moment that has passed since it was shown is not taken for the next day's: that is shown first", async () => {
  const { at, clock, answered, box, told, isError } = await open("at 22:00");
  const today = told();
  clock.time = at(22, 0, 10);
  box.accept();
  expect(told()).not.toBe(today);
  expect(isError()).toBe(false);
  box.accept();
  expect(timeOf(await answered)).toBe(at(22, 0) + 24 * 3_600_000);
});

test("Enter on what can be no more says so, and what is typed then is accepted", async () => {
  const { at, clock, answered, box, told, isError } = await open("today at 22:00");
  expect(isError()).toBe(false);
  clock.time = at(22, 0, 10);
  box.accept();
  expect([isError(), told()]).toEqual([true, "That moment has passed."]);
  box.accept();
  expect(isError()).toBe(true);
  box.type("every day at 9");
  box.accept();
  expect(await answered).toMatchObject({ kind: "cron" });
});

test.each([
  ["2020-01-01 9:00", "That moment has passed."],
  ["today at 9", "That moment has passed."],
  ["2020-01-01T09:00:00Z", "That moment has passed."],
  ["now and then", expect.stringMatching(/^Not understood/)],
])("%s is wrong, and why is said", async (typed, why) => {
  const { box, told, isError } = await open("");
  box.type(typed);
  expect([isError(), told()]).toEqual([true, why]);
});

test("nothing typed yet is not wrong, and no answer either", async () => {
  const { answered, box, told, isError } = await open("");
  expect([isError(), told()]).toEqual([false, expect.stringMatching(/^Type when/)]);
  box.accept();
  box.type("every day at 9");
  box.accept();
  expect(await answered).toMatchObject({ kind: "cron" });
});

test("Escape gives nothing", async () => {
  const { answered, box } = await open("every weekday at 9");
  box.hide();
  expect(await answered).toBeUndefined();
});

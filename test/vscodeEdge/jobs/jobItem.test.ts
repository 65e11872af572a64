import { beforeAll, expect, test } from "vitest";
import type { Job } from "../../../src/protocol/job.ts";
import { askSchedule } from "../../../src/vscode/jobs/askSchedule.ts";
import { jobCommands } from "../../../src/vscode/jobs/jobCommands.ts";
import { toJobItem } from "../../../src/vscode/jobs/jobItem.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

// Loaded on first use in an editor: here before the test's time runs.
beforeAll(async () => void (await import("../../../src/app.ts")));

const NOW = Date.parse("2026-11-23T06:00:00.000Z");
const locale = { language: "en", timeZone: "America/New_York", now: NOW };

function job(more: Partial<Job> = {}): Job {
  return {
    id: "job_1",
    name: "Water",
    schedule: { kind: "cron", expr: "0 9 * * 1-5", tz: "Europe/Berlin" },
    payload: { kind: "agentTurn", message: "Water the beds" },
    sessionTarget: "isolated",
    enabled: true,
    nextRunAt: "2026-11-23T08:00:00.000Z",
    lastRunAt: "2026-11-23T05:00:00.000Z",
    lastStatus: "ok",
    state: { consecutiveErrors: 0 },
    ...more,
  } as Job;
}

test.each([
  ["ok", "pass", "done"],
  ["failed", "error", "failed"],
  ["running", "loading~spin", "running"],
  ["skipped", "debug-step-over", "skipped"],
  ["missed", "warning", "missed"],
  [null, "clock", ""],
] as const)("a job whose last result is %s has the icon %s, and says so to a screen reader", (status, icon, word) => {
  const item = toJobItem(job({ lastStatus: status }), locale);
  expect(item.iconPath).toMatchObject({ id: icon });
  expect(item.accessibilityInformation!.label).toMatch(/^Water, .*Berlin/);
  expect(item.accessibilityInformation!.label.endsWith(word)).toBe(true);
});

test("a job's name hides and reorders nothing of what is read, in its row as in the question before it is deleted", async () => {
  const name = "Bed\u0007 \u202efdp.exe\nand more ☀️";
  const shown = "Bed\\u{7} \\u{202e}fdp.exe and more ☀️";
  const item = toJobItem(job({ name, payload: { kind: "agentTurn", message: "Dig\u2066" } }), locale);
  expect(item.label).toBe(shown);
  expect(item.accessibilityInformation!.label.startsWith(`${shown}, `)).toBe(true);
  const tooltip = (item.tooltip as { value: string }).value;
  expect(tooltip).not.toMatch(/[\u0007\u202e\u2066]/);
  expect(tooltip).toContain("2066");
  openScreen();
  const cron = { job: () => job({ name }) };
  await jobCommands["pincer.removeJob"](createEdgeWindow(createEdgeGateway(), { cron }).window, { id: "job_1" });
  expect(screen.asked.map(({ text }) => text)).toEqual([`Delete the job “${shown}”?`]);
});

test("the next run is told in this zone, and in the job's own where that is another", () => {
  const item = toJobItem(job(), locale);
  expect(item.description).toMatch(/next Mon, Nov 23, 0?3:00/);
  expect((item.tooltip as { value: string }).value).toMatch(/Next there: .*9:00/);
  const here = toJobItem(job(), { ...locale, timeZone: "Europe/Berlin" });
  expect((here.tooltip as { value: string }).value).not.toContain("Next there");
});

test("a schedule is checked as it is typed: what is wrong says why and is not taken, what is right says what comes next", async () => {
  openScreen();
  const asked = askSchedule("When?", "");
  await expect.poll(() => screen.boxes.length).toBe(1);
  const box = screen.boxes[0]!;
  const said = () => box["validationMessage"] as { message: string; severity: number };
  box.type("every blue moon");
  expect(said()).toMatchObject({ severity: 3 });
  expect(said().message.length).toBeGreaterThan(10);
  box.accept();
  box.type("61 9 * * *");
  expect(said()).toMatchObject({ severity: 3 });
  box.type("every weekday at 9");
  expect(said()).toMatchObject({ severity: 1 });
  expect(said().message).toMatch(/Next: .*9:00.* · .*9:00.* · .*9:00/);
  box.accept();
  expect(await asked).toMatchObject({ kind: "cron", expr: "0 9 * * 1-5" });
});

import * as vscode from "vscode";
import { isAppError } from "../base/appError.ts";
import type { Schedule } from "../protocol/job.ts";
import { editorLocale } from "./editorLocale.ts";
import { parseSchedule } from "./scheduleInput.ts";
import { scheduleWords, timeWords } from "./scheduleWords.ts";

const PREVIEWED = 3;

/** Asks for a schedule; while it is typed, says what is wrong with it or when it would fire next. */
export async function askSchedule(title: string): Promise<Schedule | undefined> {
  // Loaded here because the matching of cron expressions would slow down every start.
  const { checkSchedule, nextSlot } = await import("../base/schedule.ts");

  const read = (text: string, now: number): { schedule: Schedule } | { error: string } => {
    const { schedule, error } = parseSchedule(text, now);
    if (!schedule) return { error };
    try {
      checkSchedule(schedule, now);
      return { schedule };
    } catch (fault) {
      if (isAppError(fault)) return { error: fault.details?.[0]?.message ?? fault.message };
      throw fault;
    }
  };

  const preview = (schedule: Schedule, now: number): string => {
    const slots: string[] = [];
    let time: number | null = now;
    while (slots.length < PREVIEWED && (time = nextSlot(schedule, time, now)) !== null) {
      slots.push(timeWords(time, editorLocale()));
    }
    return `${scheduleWords(schedule, editorLocale())}: ${slots.join(" · ")}`;
  };

  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("every 10 min · in 2 h · 18:30 · 2026-12-24 18:00 · 0 9 * * 1-5 Europe/Berlin"),
    value: "0 9 * * 1-5",
    ignoreFocusOut: true,
    validateInput(text) {
      const now = Date.now();
      const found = read(text, now);
      if ("error" in found) return { message: found.error, severity: vscode.InputBoxValidationSeverity.Error };
      return { message: preview(found.schedule, now), severity: vscode.InputBoxValidationSeverity.Info };
    },
  });
  if (typed === undefined) return undefined;
  const found = read(typed, Date.now());
  return "schedule" in found ? found.schedule : undefined;
}

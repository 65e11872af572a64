import * as vscode from "vscode";
import { isAppError } from "../../base/appError.ts";
import type { Schedule } from "../../protocol/job.ts";
import { editorLocale } from "./editorLocale.ts";
import { scheduleWords, timeWords } from "../../schedule/scheduleWords.ts";

const PREVIEWED = 3;

/**
 * Asks for a schedule in words. While it is typed, says what is wrong with it, or how it was understood and when it would
 * fire next: what is accepted is what was shown.
 */
export async function askSchedule(title: string, value: string): Promise<Schedule | undefined> {
  // Of the agent, which is loaded by now: schemas and cron expressions would make every start of the editor slower.
  const { checkSchedule, nextSlot, parseSchedule } = await import("../../app.ts");

  const read = (text: string, now: number): { schedule: Schedule } | { error: string } => {
    const { schedule, error } = parseSchedule(text, now, editorLocale().timeZone);
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
    if (schedule.kind === "at") return scheduleWords(schedule, editorLocale());
    const slots: string[] = [];
    let time: number | null = now;
    while (slots.length < PREVIEWED && (time = nextSlot(schedule, time, now)) !== null) {
      slots.push(timeWords(time, editorLocale()));
    }
    return vscode.l10n.t("{0}. Next: {1}", scheduleWords(schedule, editorLocale()), slots.join(" · "));
  };

  const check = (text: string): vscode.InputBoxValidationMessage => {
    const now = Date.now();
    const found = read(text, now);
    if ("error" in found) return { message: found.error, severity: vscode.InputBoxValidationSeverity.Error };
    return { message: preview(found.schedule, now), severity: vscode.InputBoxValidationSeverity.Info };
  };

  const typed = await askChecked({
    title,
    value,
    placeholder: vscode.l10n.t("every weekday at 9 · in 20 minutes · tomorrow at 8:30 · 0 9 * * 1-5 Europe/Berlin"),
    check,
  });
  if (typed === undefined) return undefined;
  const found = read(typed, Date.now());
  return "schedule" in found ? found.schedule : undefined;
}

interface Question {
  title: string;
  value: string;
  placeholder: string;
  check(text: string): vscode.InputBoxValidationMessage;
}

/** An input box that says what it makes of its text from the start, which `showInputBox` does only after a change. */
function askChecked({ title, value, placeholder, check }: Question): Promise<string | undefined> {
  const box = vscode.window.createInputBox();
  Object.assign(box, { title, value, placeholder, ignoreFocusOut: true, validationMessage: check(value) });
  box.onDidChangeValue((text) => (box.validationMessage = check(text)));
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      if (check(box.value).severity === vscode.InputBoxValidationSeverity.Error) return;
      resolve(box.value);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

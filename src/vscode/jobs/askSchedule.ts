import * as vscode from "vscode";
import { isAppError } from "../../base/appError.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Schedule } from "../../protocol/job.ts";
import { editorLocale } from "./editorLocale.ts";
import { scheduleWords, timeWords } from "../../schedule/scheduleWords.ts";

const PREVIEWED = 3;

/**
 * Asks for a schedule in words. While it is typed, says what is wrong with it, or how it was understood and when it would
 * fire next: what is accepted is what was shown, though the same words mean another day by then.
 */
export async function askSchedule(
  title: string,
  value: string,
  clock: Pick<Clock, "now"> = systemClock,
): Promise<Schedule | undefined> {
  // Of the agent, which is loaded by now: schemas and cron expressions would make every start of the editor slower.
  const { checkSchedule, nextSlot, parseSchedule } = await import("../../app.ts");

  const read = (text: string, now: number): { schedule: Schedule } | { error: string } => {
    const { schedule, error } = parseSchedule(text, now, editorLocale().timeZone);
    if (!schedule) return { error };
    if (isPast(schedule, now)) return { error: vscode.l10n.t("That moment has passed.") };
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

  const look = (text: string): Shown => {
    const now = clock.now();
    const found = read(text, now);
    const { Error: Wrong, Info } = vscode.InputBoxValidationSeverity;
    // What is still to be typed is not wrong yet.
    if ("error" in found) return { message: found.error, severity: text.trim() === "" ? Info : Wrong };
    const { schedule } = found;
    return { schedule, message: preview(schedule, now), severity: Info };
  };

  return await askShown({
    title,
    value,
    placeholder: vscode.l10n.t("every weekday at 9 · in 20 minutes · tomorrow at 8:30 · 0 9 * * 1-5 Europe/Berlin"),
    look,
    // What is for one moment is no schedule any more once that has passed.
    isOver: ({ schedule }) => schedule !== undefined && isPast(schedule, clock.now()),
  });
}

function isPast(schedule: Schedule, now: number): boolean {
  return schedule.kind === "at" && Date.parse(schedule.at) <= now;
}

interface Shown extends vscode.InputBoxValidationMessage {
  /** What the text means, where it means anything. */
  schedule?: Schedule;
}

interface Question {
  title: string;
  value: string;
  placeholder: string;
  look(text: string): Shown;
  isOver(shown: Shown): boolean;
}

/** An input box that says what it makes of its text from the start, which `showInputBox` does only after a change. */
function askShown({ title, value, placeholder, look, isOver }: Question): Promise<Schedule | undefined> {
  const box = vscode.window.createInputBox();
  let shown = look(value);
  const show = (text: string) => (box.validationMessage = shown = look(text));
  Object.assign(box, { title, value, placeholder, ignoreFocusOut: true, validationMessage: shown });
  box.onDidChangeValue(show);
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      if (!shown.schedule || isOver(shown)) return void show(box.value);
      resolve(shown.schedule);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

import * as vscode from "vscode";
import type { Locale } from "../../schedule/scheduleWords.ts";

export function editorLocale(): Locale {
  return {
    language: vscode.env.language,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    now: Date.now(),
  };
}

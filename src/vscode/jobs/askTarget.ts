import * as vscode from "vscode";
import type { Window } from "../host/window.ts";
import { sessionTitle } from "../host/sessionWords.ts";

/** Where a job runs: "isolated", "main", or the key of the session that the chat shows. */
export async function askTarget({ chat, sessions }: Window, title: string): Promise<string | undefined> {
  const shown = sessions.rows.get(chat.sessionKey);
  const items = [
    { label: vscode.l10n.t("A new session each time"), description: vscode.l10n.t("isolated"), target: "isolated" },
    { label: vscode.l10n.t("The main session"), description: vscode.l10n.t("with its history"), target: "main" },
    ...(shown && shown.kind !== "main"
      ? [{ label: sessionTitle(shown), description: vscode.l10n.t("the session in the chat"), target: shown.key }]
      : []),
  ];
  return (await vscode.window.showQuickPick(items, { title }))?.target;
}

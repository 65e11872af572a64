import * as vscode from "vscode";
import { withoutLinks } from "../host/plainText.ts";
import { needGateway, type Window } from "../host/window.ts";
import { sessionTitle } from "../host/sessionWords.ts";

// A message of the editor stays a little longer than the ten seconds that are promised.
const KEPT_SECONDS = 20;

/** Deletes sessions once the user says so, and offers to bring them back. */
export async function deleteSessions(window: Window, keys: string[]): Promise<void> {
  const client = await needGateway(window);
  if (!client || !(await confirmDelete(window, keys))) return;
  const titles = titlesOf(window, keys);
  const gone: string[] = [];
  for (const sessionKey of keys) {
    const { deleted } = await client.call("sessions.delete", { sessionKey, undoSeconds: KEPT_SECONDS });
    if (deleted) gone.push(sessionKey);
  }
  if (gone.length === 0) return;
  const undo = vscode.l10n.t("Undo");
  const told =
    gone.length === 1
      ? vscode.l10n.t("“{0}” is deleted.", titles[keys.indexOf(gone[0]!)]!)
      : vscode.l10n.t("{0} sessions are deleted.", gone.length);
  // Nobody waits for the message to go.
  void vscode.window.showInformationMessage(withoutLinks(told), undo).then(async (choice) => {
    if (choice === undo) await restore(window, gone);
  });
}

async function restore(window: Window, keys: string[]): Promise<void> {
  try {
    for (const sessionKey of keys) await window.gateway.client().call("sessions.restore", { sessionKey });
  } catch {
    void vscode.window.showWarningMessage(vscode.l10n.t("It is too late: the session is erased."));
  }
}

function titlesOf({ sessions }: Window, keys: string[]): string[] {
  return keys.map((key) => {
    const session = sessions.rows.get(key);
    return session ? sessionTitle(session) : key;
  });
}

async function confirmDelete(window: Window, keys: string[]): Promise<boolean> {
  const titles = titlesOf(window, keys);
  const remove = vscode.l10n.t("Delete");
  const question =
    titles.length === 1
      ? vscode.l10n.t("Delete the session “{0}”?", titles[0]!)
      : vscode.l10n.t("Delete {0} sessions?", titles.length);
  const detail = [
    ...(titles.length > 1 ? [titles.slice(0, 10).join("\n")] : []),
    keys.includes("main")
      ? vscode.l10n.t("Main always exists: it is emptied instead. This cannot be undone.")
      : vscode.l10n.t("Its history and its sub-agents go with it. For some seconds it can be brought back."),
  ].join("\n\n");
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}

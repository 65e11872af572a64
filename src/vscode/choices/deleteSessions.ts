import * as vscode from "vscode";
import { isAppError } from "../../base/appError.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import { withoutLinks } from "../host/plainText.ts";
import { needGateway, tellFailure, type Window } from "../host/window.ts";
import { toSentence } from "../host/windowGateway.ts";
import { sessionTitle } from "../host/sessionWords.ts";

// A message of the editor stays a little longer than the ten seconds that are promised.
const KEPT_SECONDS = 20;

/** Deletes sessions once the user says so, and offers to bring them back. */
export async function deleteSessions(window: Window, chosen: string[]): Promise<void> {
  const client = await needGateway(window);
  const keys = topsOf(window, chosen);
  if (!client || !(await confirmDelete(window, keys))) return;
  const titles = titlesOf(window, keys);
  const gone: string[] = [];
  try {
    for (const sessionKey of keys) if (await deleteSession(client, sessionKey)) gone.push(sessionKey);
  } finally {
    // What is gone by now can be brought back, whatever happened to the next.
    if (gone.length > 0) offerUndo(window, gone, titles[keys.indexOf(gone[0]!)]!);
  }
}

/** Without those that go with another one of them. main is emptied, and its sub-agents stay. */
function topsOf({ sessions }: Window, keys: string[]): string[] {
  const isBelow = (key: string): boolean => {
    const above = sessions.rows.get(key)?.parentKey;
    return above ? (above !== "main" && keys.includes(above)) || isBelow(above) : false;
  };
  return keys.filter((key) => !isBelow(key));
}

/** Whether it can be brought back: not main, nor one that went with another, whose row was not there. */
async function deleteSession(client: RouteClient, sessionKey: string): Promise<boolean> {
  try {
    return (await client.call("sessions.delete", { sessionKey, undoSeconds: KEPT_SECONDS })).deleted;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

function offerUndo(window: Window, gone: string[], title: string): void {
  const undo = vscode.l10n.t("Undo");
  const told =
    gone.length === 1
      ? vscode.l10n.t("“{0}” is deleted.", title)
      : vscode.l10n.t("{0} sessions are deleted.", gone.length);
  // Nobody waits for the message to go.
  void vscode.window.showInformationMessage(withoutLinks(told), undo).then(async (choice) => {
    if (choice === undo) await restore(window, gone);
  });
}

/** The last one first: one that went before the session that it works for comes back after it. */
async function restore(window: Window, keys: string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const sessionKey of keys.toReversed()) {
    try {
      await window.gateway.client().call("sessions.restore", { sessionKey });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.some(isGone))
    void vscode.window.showWarningMessage(vscode.l10n.t("It is too late: the session is erased."));
  const other = failures.find((error) => !isGone(error));
  if (other !== undefined) tellFailure(toSentence(other));
}

function isGone(error: unknown): boolean {
  return isAppError(error) && error.code === "not_found";
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

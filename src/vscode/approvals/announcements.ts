import * as vscode from "vscode";
import type { Disposable } from "../../base/disposable.ts";
import type { StateFact } from "../../protocol/event.ts";
import type { ChatView } from "../chat/chatView.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { speaksHere } from "./speaksHere.ts";
import { firstLine, shownName, withoutLinks } from "../host/plainText.ts";

/** Shows the results that jobs announce, how much of a budget is used, and which of the user's hooks failed that no run waits for, in the window that the user looks at. */
export function followAnnouncements(gateway: Gateway, chat: ChatView): Disposable {
  const told = new Map<string, string>();
  // What fails each time is told once in a window, and again when it fails otherwise.
  const isNews = (what: string, why = "") => told.get(what) !== why && told.set(what, why).size > 0;
  return gateway.onEvent((event) => {
    if (event.type === "job.announced" && event.status === "ok") told.delete(event.jobId);
    if (!speaksHere(gateway)) return;
    if (event.type === "budget.warned") void vscode.window.showWarningMessage(withoutLinks(event.text));
    if (event.type === "hook.ended" && event.outcome !== "ok" && isNews(event.hook, event.reason))
      void vscode.window.showWarningMessage(
        withoutLinks(vscode.l10n.t("The hook {0} failed: {1}", event.hook, firstLine(event.reason ?? ""))),
      );
    if (event.type === "job.announced" && (event.status === "ok" || isNews(event.jobId, event.text)))
      void show(event, chat);
  });
}

async function show(
  { name, status, text, sessionKey }: Extract<StateFact, { type: "job.announced" }>,
  chat: ChatView,
): Promise<void> {
  const open = vscode.l10n.t("Open in chat");
  const message = withoutLinks(
    `${shownName(name)}: ${firstLine(text) || (status === "ok" ? vscode.l10n.t("done") : vscode.l10n.t("failed"))}`,
  );
  const choices = sessionKey ? [open] : [];
  const choice =
    status === "ok"
      ? await vscode.window.showInformationMessage(message, ...choices)
      : await vscode.window.showWarningMessage(message, ...choices);
  if (choice === open) await chat.show(sessionKey);
}

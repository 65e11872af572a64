import * as vscode from "vscode";
import { visible } from "../../base/text/visible.ts";
import { wideningText, type ConfigWidening } from "./configWidening.ts";

/** Asks whether a workspace's openclaw.yml may have what it asks for beyond the user's own; no answer means no. */
export async function confirmWidening(question: ConfigWidening): Promise<boolean> {
  const allow = { title: vscode.l10n.t("Allow") };
  const title = vscode.l10n.t("This folder's openclaw.yml asks for more than your own configuration allows.");
  const detail = [
    visible(question.file),
    wideningText(question.changes),
    vscode.l10n.t("Allow exactly this? If the file changes, you are asked again. Otherwise the rest of it applies."),
  ].join("\n\n");
  const notNow = { title: vscode.l10n.t("Not now"), isCloseAffordance: true };
  const choice = await vscode.window.showWarningMessage<vscode.MessageItem>(
    title,
    { modal: true, detail },
    allow,
    notNow,
  );
  return choice === allow;
}

import { basename } from "node:path";
import * as vscode from "vscode";
import { type Window, needGateway } from "../host/window.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { chooseModel } from "../settings/pickModel.ts";
import { readContext, asText } from "../chat/sendSelection.ts";
import { headOf } from "../../base/cutText.ts";

/** Asks for a task, a model and a folder, and runs it in a session of its own. */
export async function spawnTask(window: Window, target?: unknown): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const context = target instanceof vscode.Uri ? undefined : readContext();
  const task = await vscode.window.showInputBox({
    title: vscode.l10n.t("Spawn sub-agent task (1/3)"),
    prompt: context ? vscode.l10n.t("What to do, with {0}", context.name) : vscode.l10n.t("What to do"),
    placeHolder: vscode.l10n.t("Write tests for the parser and run them"),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() ? undefined : vscode.l10n.t("Type what the sub-agent should do")),
  });
  if (task === undefined) return;
  const model = await chooseModel(client, vscode.l10n.t("Model of the sub-agent (2/3)"));
  if (model === undefined) return;
  const workspace = await chooseFolder(target);
  if (workspace === undefined) return;
  const { childSessionKey } = await client.call("sessions.spawn", {
    task: context ? `${task.trim()}\n\n${asText(context)}` : task.trim(),
    label: headOf(task.trim(), 80),
    wait: false,
    ...(model ? { model } : {}),
    ...(workspace ? { workspace } : {}),
  });
  await vscode.commands.executeCommand("setContext", "pincer.spawned", true);
  await window.chat.show(childSessionKey);
}

/** A folder, "" when the window has none, or undefined when cancelled. */
async function chooseFolder(target: unknown): Promise<string | undefined> {
  const folders = workspaceFolders();
  if (target instanceof vscode.Uri && target.scheme === "file") folders.unshift(target.fsPath);
  const distinct = [...new Set(folders)];
  if (distinct.length <= 1 || target instanceof vscode.Uri) return distinct[0] ?? "";
  const items = distinct.map((path) => ({ label: basename(path), description: path }));
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Folder of the sub-agent (3/3)") });
  return chosen?.description;
}

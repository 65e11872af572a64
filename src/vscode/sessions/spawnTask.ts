import { relative } from "node:path";
import * as vscode from "vscode";
import { type Window, needGateway } from "../host/window.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { pickFolder } from "../host/pickFolder.ts";
import { chooseModel } from "../settings/pickModel.ts";
import { readContext, asText } from "../chat/sendSelection.ts";
import { defined } from "../../base/defined.ts";
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
  const folder = target instanceof vscode.Uri && target.scheme === "file" ? target.fsPath : undefined;
  const workspace = await chooseFolder(folder);
  if (workspace === undefined) return;
  const { childSessionKey } = await client.call("sessions.spawn", {
    task: [task.trim(), context ? asText(context) : "", whereIn(workspace, folder)].filter(Boolean).join("\n\n"),
    label: headOf(task.trim(), 80),
    wait: false,
    ...defined({ model: model || undefined }),
    workspace,
  });
  await vscode.commands.executeCommand("setContext", "pincer.spawned", true);
  await window.chat.show(childSessionKey);
}

/** The window's folder around the chosen one, or one that is asked for; null when there is none, undefined when cancelled. */
async function chooseFolder(chosen: string | undefined): Promise<string | null | undefined> {
  const folders = workspaceFolders();
  const around = chosen && folders.find((folder) => !relative(folder, chosen).startsWith(".."));
  if (around || folders.length === 0) return around ?? null;
  return pickFolder(vscode.l10n.t("Folder of the sub-agent (3/3)"));
}

/** Says which folder within the workspace the task is about; "" for all of it. */
function whereIn(workspace: string | null, folder: string | undefined): string {
  const inside = workspace && folder ? relative(workspace, folder).replaceAll("\\", "/") : "";
  return inside === "" || inside.startsWith("..") ? "" : `This is about the folder ${inside} and what is in it.`;
}

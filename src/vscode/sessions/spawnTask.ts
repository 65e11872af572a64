import * as vscode from "vscode";
import { type Window, needGateway } from "../host/window.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { pickFolder } from "../host/pickFolder.ts";
import { defined } from "../../base/defined.ts";
import { headOf } from "../../base/cutText.ts";
import { folderAround } from "./folderAround.ts";
import { type SpawnTarget, toSpawnTarget } from "./spawnTarget.ts";

/** Asks for a task, a model and a folder, and runs it in a session of its own. */
export async function spawnTask(window: Window, given?: unknown): Promise<void> {
  await spawnFrom(window, given, false);
}

/** The same, in a git worktree of its own. */
export async function spawnInWorktree(window: Window, given?: unknown): Promise<void> {
  await spawnFrom(window, given, true);
}

async function spawnFrom(window: Window, given: unknown, worktree: boolean): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const target = await toSpawnTarget(window, given);
  const title = worktree ? vscode.l10n.t("Spawn in a worktree (1/3)") : vscode.l10n.t("Spawn sub-agent task (1/3)");
  const task = await askTask(title, target);
  if (task === undefined) return;
  const { chooseModel } = await import("../choices/index.ts");
  const model = await chooseModel(client, vscode.l10n.t("Model of the sub-agent (2/3)"));
  if (model === undefined) return;
  const workspace = await chooseFolder(target.path, vscode.l10n.t("Folder of the sub-agent (3/3)"));
  if (workspace === undefined) return;
  const { childSessionKey } = await client.call("sessions.spawn", {
    ...toRequest(task, target, workspace),
    label: headOf(task, 80),
    worktree,
    ...defined({ model: model || undefined }),
  });
  await vscode.commands.executeCommand("setContext", "pincer.spawned", true);
  await window.chat.show(childSessionKey);
}

/** One task for several models side by side, each in a worktree of its own, under one session: to compare, and keep one. */
export async function spawnWithModels(window: Window, given?: unknown): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const target = await toSpawnTarget(window, given);
  const task = await askTask(vscode.l10n.t("Spawn with several models (1/3)"), target);
  if (task === undefined) return;
  const { chooseModels } = await import("../choices/index.ts");
  const models = await chooseModels(client, vscode.l10n.t("Models that do it side by side (2/3)"));
  if (!models) return;
  const workspace = await chooseFolder(target.path, vscode.l10n.t("Folder of the sub-agents (3/3)"));
  if (workspace === undefined) return;
  const { sessionKey } = await client.call("sessions.create", { title: headOf(task, 80), workspace });
  const spawn = (model: string) =>
    client.call("sessions.spawn", {
      ...toRequest(task, target, workspace),
      label: headOf(`${model}: ${task}`, 80),
      model,
      parentSessionKey: sessionKey,
      worktree: workspace !== null,
    });
  const spawned = await Promise.allSettled(models.map(spawn));
  const failed = spawned.find((result) => result.status === "rejected");
  if (failed && spawned.every(({ status }) => status === "rejected")) {
    await client.call("sessions.delete", { sessionKey });
    throw failed.reason;
  }
  await vscode.commands.executeCommand("setContext", "pincer.spawned", true);
  await window.chat.show(sessionKey);
  if (failed) throw failed.reason;
}

function askTask(title: string, { name }: SpawnTarget): Promise<string | undefined> {
  const asked = vscode.window.showInputBox({
    title,
    prompt: name ? vscode.l10n.t("What to do, with {0}", name) : vscode.l10n.t("What to do"),
    placeHolder: vscode.l10n.t("Write tests for the parser and run them"),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() ? undefined : vscode.l10n.t("Type what the sub-agent should do")),
  });
  return Promise.resolve(asked).then((task) => task?.trim());
}

function toRequest(task: string, { text }: SpawnTarget, workspace: string | null) {
  return { task: [task, text].filter(Boolean).join("\n\n"), wait: false, workspace };
}

/** The window's folder around what was chosen, or one that is asked for; null when there is none, undefined when cancelled. */
async function chooseFolder(chosen: string | undefined, title: string): Promise<string | null | undefined> {
  const folders = workspaceFolders();
  const around = chosen && folderAround(folders, chosen);
  if (around || folders.length === 0) return around ?? null;
  return pickFolder(title);
}

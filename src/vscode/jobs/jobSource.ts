import { join } from "node:path";
import * as vscode from "vscode";
import { AppError, isAppError } from "../../base/appError.ts";
import type { Job } from "../../protocol/job.ts";
import type { Window } from "../host/window.ts";
import { editorFiles } from "../host/editorFiles.ts";
import { workspaceFolders } from "../host/editorHost.ts";

/** Opens the openclaw.yml that declares a job, at its name: the user's own file, or that of a folder. */
export async function openJobSource({ gateway }: Window, { name, file }: Job): Promise<void> {
  const { findJobLine } = await import("../../app.ts");
  const inFolders = workspaceFolders().flatMap((folder) => [
    join(folder, "openclaw.yml"),
    join(folder, "openclaw.yaml"),
  ]);
  const known = [...(gateway.app ? [gateway.app.configPath] : []), ...inFolders];
  // Another file may declare one of the same name.
  for (const path of file === undefined ? known : [file]) {
    const line = findJobLine(await readIfThere(path), name);
    if (line === undefined) continue;
    const position = new vscode.Position(line, 0);
    await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: new vscode.Range(position, position) });
    return;
  }
  throw new AppError(
    "not_found",
    vscode.l10n.t("No openclaw.yml that this window knows declares the job “{0}”.", name),
  );
}

async function readIfThere(path: string): Promise<string> {
  try {
    return (await editorFiles.readText(path)).text;
  } catch (error) {
    if (isAppError(error)) return "";
    throw error;
  }
}

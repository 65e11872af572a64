import { join } from "node:path";
import * as vscode from "vscode";
import { configFile } from "../host/editorHost.ts";
import type { Window } from "../host/window.ts";

/** The user's openclaw.yml, whether it is there yet or not. */
export function userConfigFile({ gateway, host }: Pick<Window, "gateway" | "host">): string {
  return gateway.app?.configPath ?? (configFile() || join(host.stateDir, "openclaw.yml"));
}

/** The same, to be written into; throws `conflict` where it is gone or half there while what it said is in force. */
export function writableConfigFile(window: Pick<Window, "gateway" | "host">): string {
  window.gateway.app?.refuseGone();
  return userConfigFile(window);
}

/** Every openclaw.yml that this window knows of: the user's, then those of its folders. */
export function configFiles(window: Pick<Window, "gateway" | "host">): vscode.Uri[] {
  const names = ["openclaw.yml", "openclaw.yaml"];
  const own = window.host.workspaces().flatMap((folder) => names.map((name) => join(folder, name)));
  return [userConfigFile(window), ...own].map((path) => vscode.Uri.file(path));
}

/**
 * Takes a provider's key out of an openclaw.yml and saves it. `keep` gets the key before the file changes, and
 * says false where it is to stay as it is. Undefined then, and where the file holds none in plain words, or another one
 * by then, or is not there.
 */
export async function takeOutKeyOf(
  uri: vscode.Uri,
  provider: string,
  keep?: (key: string) => Promise<boolean>,
): Promise<string | undefined> {
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
  const { takeOutKey } = await import("../../app.ts");
  const found = takeOutKey(document.getText(), provider);
  if (!found) return undefined;
  if ((await keep?.(found.key)) === false) return undefined;
  // It may have been changed meanwhile: a question may wait for long.
  const now = takeOutKey(document.getText(), provider);
  if (now?.key !== found.key) return undefined;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), now.text);
  if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save())) return undefined;
  return found.key;
}

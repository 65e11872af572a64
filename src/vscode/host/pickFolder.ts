import { basename } from "node:path";
import * as vscode from "vscode";
import { workspaceFolders } from "./editorHost.ts";

/** One of the window's folders, asked for where there are several; undefined when cancelled, or when there is none. */
export async function pickFolder(title: string): Promise<string | undefined> {
  const folders = [...new Set(workspaceFolders())];
  if (folders.length <= 1) return folders[0];
  const items = folders.map((path) => ({ label: basename(path), description: path }));
  return (await vscode.window.showQuickPick(items, { title }))?.description;
}

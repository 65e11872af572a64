import { relative, sep } from "node:path";
import * as vscode from "vscode";
import { isInside } from "../../base/files/isInside.ts";
import { realPath } from "../../base/files/realPath.ts";

/** A file as this window names it: a folder may be open by a link, and servers know its files by that name. */
export function toUri(path: string): vscode.Uri {
  for (const { uri } of openFolders()) {
    const base = realPath(uri.fsPath);
    if (isInside(base, path)) return vscode.Uri.joinPath(uri, ...relative(base, path).split(sep));
  }
  return vscode.Uri.file(path);
}

/** The real path of a file; undefined for what is no file. */
export function toPath(uri: vscode.Uri): string | undefined {
  return uri.scheme === "file" ? realPath(uri.fsPath) : undefined;
}

/** Whether a trusted folder of this window is the folder, or around it. */
export function hasFolder(folder: string): boolean {
  return vscode.workspace.isTrusted && openFolders().some(({ uri }) => isInside(realPath(uri.fsPath), folder));
}

function openFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
}

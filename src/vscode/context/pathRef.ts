import * as vscode from "vscode";
import type { ContextRef } from "../../protocol/panel/contextRef.ts";
import { fileLabel, toFileRef } from "./fileLabel.ts";

/** A chip for a file or folder of the workspace; undefined for what lies elsewhere, is not there, or is a PDF, which is no text. */
export async function toPathRef(uri: vscode.Uri): Promise<ContextRef | undefined> {
  if (uri.scheme === "untitled") return toFileRef(uri);
  if (uri.scheme !== "file" || !vscode.workspace.getWorkspaceFolder(uri) || /\.pdf$/i.test(uri.path)) return undefined;
  const { type } = await vscode.workspace.fs.stat(uri).then(
    (stat) => stat,
    () => ({ type: vscode.FileType.Unknown }),
  );
  if (type & vscode.FileType.Directory)
    return { kind: "folder", label: `${fileLabel(uri)}/`, icon: "folder", uri: uri.toString() };
  return type & vscode.FileType.File ? toFileRef(uri) : undefined;
}

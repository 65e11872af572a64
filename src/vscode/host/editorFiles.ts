import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { realPath } from "../../base/realPath.ts";
import type { Files } from "../../core/ports/files.ts";
import { changedSpan } from "./changedSpan.ts";

/** The workspace's files as this window shows them: unsaved text counts, and a write is one step of undo. */
export const editorFiles: Files = {
  async readText(path) {
    return openDocument(path)?.getText() ?? (await readDisk(path));
  },

  async writeText(path, text, expected) {
    const uri = vscode.Uri.file(path);
    const document =
      openDocument(path) ?? ((await exists(uri)) ? await vscode.workspace.openTextDocument(uri) : undefined);
    if (!document) {
      if (typeof expected === "string") throw new AppError("conflict", `${path} is no longer there.`);
      return makeFile(uri, text);
    }
    if (expected === null) throw new AppError("conflict", `${path} exists already.`);
    const before = document.getText();
    if (expected !== undefined && before !== expected) {
      throw new AppError("conflict", `${path} has changed since it was read.`);
    }
    await replaceText(document, before, text);
  },

  async remove(path) {
    const uri = vscode.Uri.file(path);
    if (!(await exists(uri))) throw new AppError("not_found", `There is no file ${path}.`);
    // The editor would close a page with unsaved text without a word.
    if (openDocument(path)?.isDirty) throw new AppError("conflict", `${path} has unsaved changes in the editor.`);
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(uri, { recursive: false, ignoreIfNotExists: false });
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new AppError("unavailable", `${path} could not be deleted.`);
    }
  },
};

async function replaceText(document: vscode.TextDocument, before: string, after: string): Promise<void> {
  const { start, end, text } = changedSpan(before, after);
  if (start !== end || text !== "") {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
    // The editor refuses an edit of a document that was typed in meanwhile.
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new AppError("conflict", `${document.uri.fsPath} was changed at the same time.`);
    }
  }
  await save(document);
}

async function makeFile(uri: vscode.Uri, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { contents: new TextEncoder().encode(text), ignoreIfExists: false, overwrite: false });
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new AppError("conflict", `${uri.fsPath} could not be made: it exists already, or its folder refuses.`);
  }
}

async function save(document: vscode.TextDocument): Promise<void> {
  if (!vscode.workspace.getConfiguration("pincer").get("edits.save", true) || !document.isDirty) return;
  if (!(await document.save())) throw new AppError("unavailable", `${document.uri.fsPath} could not be saved.`);
}

/** The open document of a file, by whatever way the window reached it: a folder may be open by a link or a mapped drive. */
function openDocument(path: string): vscode.TextDocument | undefined {
  const wanted = vscode.Uri.file(path).toString();
  const documents = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === "file");
  return (
    documents.find(({ uri }) => uri.toString() === wanted) ??
    documents.find(({ uri }) => realPath(uri.fsPath) === realPath(path))
  );
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

// Not through the editor, which would wake a language server for every file that is only looked at.
async function readDisk(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new AppError("not_found", `There is no file ${path}.`);
    if (code === "EISDIR") throw new AppError("bad_request", `${path} is a folder.`);
    throw error;
  }
  try {
    if (bytes.includes(0)) throw new TypeError("binary");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("bad_request", `${path} is not a text file in UTF-8.`);
  }
}

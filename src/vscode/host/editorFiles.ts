import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { placeOf } from "../../base/files/diskPath.ts";
import type { Files, TextEncodingName } from "../../core/ports/files.ts";
import { createDiskFiles } from "../../tools/files/diskFiles.ts";
import { createBufferFiles, type EditorBuffer, type EditorBuffers } from "./bufferFiles.ts";
import type { Presence } from "./presence.ts";
import { changedSpan } from "./changedSpan.ts";

const buffers: EditorBuffers = {
  find: (path) => {
    const document = openDocument(path);
    return document && toBuffer(document);
  },
  open: async (path, encoding) =>
    toBuffer(await vscode.workspace.openTextDocument(vscode.Uri.file(path), { encoding: EDITOR_NAMES[encoding] })),
  make: makeFile,
  remove: removeFile,
};

/** The workspace's files as this window shows them: unsaved text counts, and a write is one step of undo. */
export const editorFiles: Files = createBufferFiles(buffers, createDiskFiles());

/** The same for the agent, which works on when the window goes away. */
export function createEditorFiles(presence: Presence): Files {
  const toAsked = (buffer: EditorBuffer): EditorBuffer => ({
    ...buffer,
    replace: (before, after) => presence.ask(() => buffer.replace(before, after)),
    save: () => presence.ask(() => buffer.save()),
  });
  const asked: EditorBuffers = {
    find: (path) => {
      const buffer = buffers.find(path);
      return buffer && toAsked(buffer);
    },
    open: async (path, encoding) => toAsked(await presence.ask(() => buffers.open(path, encoding))),
    make: (path, text) => presence.ask(() => buffers.make(path, text)),
    remove: (path) => presence.ask(() => buffers.remove(path)),
    isAway: () => !presence.isThere,
  };
  return { ...createBufferFiles(asked, createDiskFiles()), onSave };
}

function onSave(listener: (path: string, text?: string) => void): vscode.Disposable {
  const tell = ({ uri }: { uri: vscode.Uri }, text?: string) => {
    if (uri.scheme === "file") listener(uri.fsPath, text);
  };
  const { onDidSaveTextDocument, onDidSaveNotebookDocument } = vscode.workspace;
  return vscode.Disposable.from(
    onDidSaveTextDocument((document) => tell(document, document.getText())),
    onDidSaveNotebookDocument((document) => tell(document)),
  );
}

const EDITOR_NAMES: Record<TextEncodingName, string> = {
  "utf-8": "utf8",
  "utf-16le": "utf16le",
  "utf-16be": "utf16be",
  "windows-1252": "windows1252",
};

function toBuffer(document: vscode.TextDocument): EditorBuffer {
  return {
    text: () => document.getText(),
    isDirty: () => document.isDirty,
    encoding: () => {
      const name = document.encoding.replace(/bom$/, "");
      return (Object.keys(EDITOR_NAMES) as TextEncodingName[]).find((one) => EDITOR_NAMES[one] === name) ?? "utf-8";
    },
    replace: (before, after) => replaceText(document, before, after),
    save: () => save(document),
  };
}

/** False when the document was typed in meanwhile: the editor refuses such an edit, but only of what was typed after it was asked. */
async function replaceText(document: vscode.TextDocument, before: string, after: string): Promise<boolean> {
  // As where saving it has formatted it: the places of the change would be others.
  if (document.getText() !== before) return false;
  const { start, end, text } = changedSpan(before, after);
  if (start === end && text === "") return true;
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
  return await vscode.workspace.applyEdit(edit);
}

async function makeFile(path: string, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(vscode.Uri.file(path), {
    contents: new TextEncoder().encode(text),
    ignoreIfExists: false,
    overwrite: false,
  });
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new AppError("conflict", `${path} could not be made: it exists already, or its folder refuses`);
  }
}

async function removeFile(path: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(vscode.Uri.file(path), { recursive: false, ignoreIfNotExists: false });
  if (!(await vscode.workspace.applyEdit(edit))) throw new AppError("unavailable", `${path} could not be deleted`);
}

async function save(document: vscode.TextDocument): Promise<void> {
  if (!vscode.workspace.getConfiguration("pincer").get("edits.save", true) || !document.isDirty) return;
  if (!(await document.save())) throw new AppError("unavailable", `${document.uri.fsPath} could not be saved`);
}

/** The open document of a file, by whatever way the window reached it: a folder may be open by a link or a mapped drive. */
function openDocument(path: string): vscode.TextDocument | undefined {
  const wanted = vscode.Uri.file(path).toString();
  const documents = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === "file");
  const named = documents.find(({ uri }) => uri.toString() === wanted);
  if (named) return named;
  const place = placeOf(path);
  return documents.find(({ uri }) => placeOf(uri.fsPath) === place);
}

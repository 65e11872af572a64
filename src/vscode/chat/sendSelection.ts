import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { Attachment } from "../../protocol/message.ts";
import type { Window } from "../host/window.ts";

/** Puts the selection, or a file chosen in the explorer, into the chat's composer. Sends nothing. */
export async function sendSelection({ chat }: Window, target?: unknown): Promise<void> {
  if (!(target instanceof vscode.Uri) && !vscode.window.activeTextEditor) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open a file in an editor first."));
    return;
  }
  const attachment = target instanceof vscode.Uri ? await readAttachment(target) : readContext(true);
  if (attachment) await chat.attach(attachment);
}

/** The selected text of the active editor; with `whole`, its whole text when nothing is selected. Says so when it is too large. */
export function readContext(whole = false): Attachment | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || (editor.selection.isEmpty && !whole)) return undefined;
  const { document, selection } = editor;
  const path = vscode.workspace.asRelativePath(document.uri);
  const data = selection.isEmpty ? document.getText() : document.getText(selection);
  const lines = selection.isEmpty ? "" : `:${selection.start.line + 1}-${selection.end.line + 1}`;
  if (Buffer.byteLength(data) > MOST) return refuse(vscode.l10n.t("{0} is larger than 700 KB.", `${path}${lines}`));
  return { name: `${path}${lines}`, mediaType: "text/plain", data };
}

export function asText({ name, data }: Attachment): string {
  const fence = "`".repeat(Math.max(3, ...[...data.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${name}\n${fence}\n${data}\n${fence}`;
}

// The gateway takes requests of 1 MB, and base64 makes a third more of it.
const MOST = 700_000;

const IMAGES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
};

/** A file as an attachment: images as they are, all else as text. Undefined for what is too large or is neither. */
export async function readAttachment(uri: vscode.Uri): Promise<Attachment | undefined> {
  const bytes =
    uri.scheme === "file" ? await readFile(uri.fsPath) : Buffer.from(await vscode.workspace.fs.readFile(uri));
  const name = vscode.workspace.asRelativePath(uri);
  const image = IMAGES[basename(uri.path).split(".").at(-1)?.toLowerCase() ?? ""];
  if (bytes.length > MOST) return refuse(vscode.l10n.t("{0} is larger than 700 KB.", name));
  if (image) return { name, mediaType: image, data: bytes.toString("base64") };
  if (bytes.includes(0)) return refuse(vscode.l10n.t("{0} is neither text nor an image.", name));
  return { name, mediaType: "text/plain", data: bytes.toString("utf8") };
}

function refuse(reason: string): undefined {
  void vscode.window.showWarningMessage(reason);
  return undefined;
}

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { decodeText, readableText } from "../../base/text/textBytes.ts";
import type { Attachment } from "../../protocol/message.ts";
import { selectionRef } from "../context/openFiles.ts";
import { toFileRef } from "../context/fileLabel.ts";
import { toProblemRef } from "../context/problems.ts";
import { readTerminalSelection } from "../context/terminalOutput.ts";
import { toPathRef } from "../context/pathRef.ts";
import { refusedUri } from "../context/refusedUri.ts";
import type { Window } from "../host/window.ts";
import { toSentence } from "../host/windowGateway.ts";
import type { ContextSources } from "../host/contextSources.ts";
import { nameTable } from "../../base/nameTable.ts";

type Rules = Pick<ContextSources, "rules">;

/** A problem as the lightbulb hands it over. */
export interface SentProblem {
  uri: vscode.Uri;
  problem: vscode.Diagnostic;
}

/** Puts files and folders chosen in the explorer, a problem, or the active editor's selection into the chat's composer. Sends nothing. */
export async function sendSelection({ chat, sources }: Window, target?: unknown, all?: unknown): Promise<void> {
  if (isProblem(target)) return await chat.mention(toProblemRef(target.uri, target.problem));
  const uris = Array.isArray(all) ? all : [target];
  const chosen = uris.filter((one) => one instanceof vscode.Uri);
  for (const uri of chosen) await sendPath(chat, sources, uri);
  if (chosen.length > 0) return;
  const editor = vscode.window.activeTextEditor;
  if (editor) return await chat.mention(selectionRef(editor) ?? toFileRef(editor.document.uri));
  void vscode.window.showInformationMessage(vscode.l10n.t("Open a file in an editor first."));
}

/** What is selected in the terminal, as it is now; else what its newest command printed. */
export async function sendTerminal({ chat, sources }: Window): Promise<void> {
  const data = await readTerminalSelection();
  if (data !== undefined)
    return await chat.attach({ name: vscode.l10n.t("Terminal selection"), mediaType: "text/plain", data });
  const [output] = sources.terminal.find("");
  if (output) return await chat.mention(output.ref);
  void vscode.window.showInformationMessage(vscode.l10n.t("Select something in the terminal first."));
}

/** What lies in the workspace is read when it is sent; anything else, now. */
async function sendPath(chat: Window["chat"], sources: Rules, uri: vscode.Uri): Promise<void> {
  const ref = await toPathRef(uri);
  if (ref) return await chat.mention(ref);
  const read = await readAttachment(sources, uri);
  if (typeof read === "string") warn(read);
  else await chat.attach(read);
}

function isProblem(given: unknown): given is SentProblem {
  return typeof given === "object" && given !== null && "problem" in given && "uri" in given;
}

/** The selected text of the active editor. Says so when it is too large, or the agent may not read the file unasked. */
export async function readSelection(sources: Rules): Promise<Attachment | undefined> {
  const editor = vscode.window.activeTextEditor;
  const ref = selectionRef(editor);
  if (!editor || !ref) return undefined;
  const data = editor.document.getText(editor.selection);
  const refused = await refusalOf(sources, editor.document.uri);
  if (refused === undefined && Buffer.byteLength(data) <= MOST)
    return { name: ref.label, mediaType: "text/plain", data };
  warn(refused ?? tooLarge(ref.label));
  return undefined;
}

export function asText({ name, data }: Attachment): string {
  const fence = "`".repeat(Math.max(3, ...[...data.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${name}\n${fence}\n${data}\n${fence}`;
}

// The gateway takes requests of 1 MB, and base64 makes a third more of it.
const MOST = 700_000;
/** Of an image, which the panel draws smaller. */
const MOST_OF_IMAGE = 40_000_000;

const IMAGES = nameTable<string>({
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
});

/** A file as an attachment: images and PDF as they are, all else as text; or a sentence, where it is too large, refused, or neither. */
async function readAttachment(sources: Rules, uri: vscode.Uri): Promise<Attachment | string> {
  const name = vscode.workspace.asRelativePath(uri);
  const refused = await refusalOf(sources, uri);
  if (refused !== undefined) return refused;
  const ending = basename(uri.path).split(".").at(-1)?.toLowerCase() ?? "";
  const image = IMAGES[ending];
  const most = image ? MOST_OF_IMAGE : MOST;
  let bytes: Buffer | undefined;
  try {
    bytes = await readBytes(uri, most);
  } catch (error) {
    // Gone, closed to us, or on a drive that is away: the others are attached all the same.
    return vscode.l10n.t("{0} is not attached: {1}", name, toSentence(error));
  }
  if (!bytes || bytes.length > most) return tooLarge(name);
  if (image) return { name, mediaType: image, data: bytes.toString("base64") };
  if (ending === "pdf") return { name, mediaType: "application/pdf", data: bytes.toString("base64") };
  if (bytes.includes(0) && !decodeText(bytes)) return vscode.l10n.t("{0} is neither text nor an image.", name);
  const data = readableText(bytes);
  // Some letters take more room than in the file's own encoding.
  return Buffer.byteLength(data) > MOST ? tooLarge(name) : { name, mediaType: "text/plain", data };
}

/** What is in a file; undefined where that is more. */
async function readBytes(uri: vscode.Uri, most: number): Promise<Buffer | undefined> {
  if (uri.scheme !== "file") return Buffer.from(await vscode.workspace.fs.readFile(uri));
  const found = await stat(uri.fsPath);
  // A pipe would never end.
  if (!found.isFile()) throw new AppError("bad_request", vscode.l10n.t("It is no file."));
  return found.size > most ? undefined : await readFile(uri.fsPath);
}

/** Some files as attachments, and a sentence for each that cannot be one. */
export async function readAttachments(
  sources: Rules,
  uris: vscode.Uri[],
): Promise<{ attachments: Attachment[]; refused: string[] }> {
  const read = await Promise.all(uris.map((uri) => readAttachment(sources, uri)));
  return {
    attachments: read.filter((one) => typeof one !== "string"),
    refused: read.filter((one) => typeof one === "string"),
  };
}

/** Why the agent may not read a file unasked, by whatever name; undefined where it may. */
async function refusalOf(sources: Rules, uri: vscode.Uri): Promise<string | undefined> {
  const reason = await refusedUri(uri, await sources.rules());
  if (reason === undefined) return undefined;
  return vscode.l10n.t("{0} is not attached: {1}.", vscode.workspace.asRelativePath(uri), reason);
}

function tooLarge(name: string): string {
  return vscode.l10n.t("{0} is larger than 700 KB.", name);
}

function warn(reason: string): void {
  void vscode.window.showWarningMessage(reason);
}

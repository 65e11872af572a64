import * as vscode from "vscode";
import { AppError, isAppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ContextRef } from "../../protocol/panel/contextRef.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { Rule } from "../../protocol/rule.ts";
import { editorFiles } from "../host/editorFiles.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import type { ContextSources } from "../host/contextSources.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { readChanges } from "./gitChanges.ts";
import { readSession } from "./otherSessions.ts";
import { readServerResource } from "./serverResources.ts";
import { readProblems } from "./problems.ts";
import { refusedUri } from "./refusedUri.ts";

/** Of one chip: some 25,000 tokens. */
const MOST_CHARS = 100_000;
const MOST_NAMES = 500;

/** Reads what chips mean, as it is now; for each that may not or cannot be read, a sentence. */
export async function readContext(
  sources: ContextSources,
  refs: ContextRef[],
): Promise<{ attachments: Attachment[]; refused: string[] }> {
  const attachments: Attachment[] = [];
  const refused: string[] = [];
  const rules = await sources.rules();
  for (const ref of refs) {
    try {
      const read = await readOne(sources, ref, rules);
      if (Array.isArray(read)) attachments.push(...read);
      else attachments.push(typeof read === "string" ? toAttachment(ref, read) : read);
    } catch (error) {
      if (!isAppError(error)) throw error;
      refused.push(vscode.l10n.t("{0} is not attached: {1}", ref.label, error.message));
    }
  }
  return { attachments, refused };
}

async function readOne(
  sources: ContextSources,
  ref: ContextRef,
  rules: Rule[],
): Promise<string | Attachment | Attachment[]> {
  switch (ref.kind) {
    case "file":
      return await readFile(ref, rules);
    case "folder":
      return await listNames(sources, ref);
    case "problems":
      return readProblems(ref);
    case "terminal":
      return sources.terminal.read();
    case "changes":
      return await readChanges(ref, rules);
    case "session":
      return await readSession(needClient(sources), ref);
    case "resource":
      return await readServerResource(needClient(sources), ref);
  }
}

function needClient(sources: ContextSources): RouteClient {
  const client = sources.client();
  if (!client) throw new AppError("unavailable", vscode.l10n.t("The gateway is not running."));
  return client;
}

/** Text is cut at its end, and says so itself. */
function toAttachment({ label }: ContextRef, text: string): Attachment {
  const rest = text.length - MOST_CHARS;
  const note = vscode.l10n.t("[cut here: {0} of {1} characters are attached]", MOST_CHARS, text.length);
  const data = rest > 0 ? `${headOf(text, MOST_CHARS)}\n${note}` : text || vscode.l10n.t("(empty)");
  return { name: label.slice(0, 255), mediaType: "text/plain", data };
}

/** A file's text as the editor shows it, or its lines that are meant; an image as it is. Goes by the rules of the tool `read`. */
async function readFile({ uri, from, to, label }: ContextRef, rules: Rule[]): Promise<string | Attachment> {
  const place = vscode.Uri.parse(uri ?? "", true);
  if (place.scheme !== "file") {
    const refused = await refusedUri(place, rules);
    if (refused !== undefined) throw new AppError("forbidden", refused);
    return linesOf(readOpen(place), from, to);
  }
  const { openReadable } = await import("../../app.ts");
  const { real, image } = await openReadable(workspaceFolders(), place.fsPath, rules);
  if (image) return { ...image, name: label };
  return linesOf((await editorFiles.readText(real)).text, from, to);
}

/** A text that is no file yet, or what a file was in a commit. */
function readOpen(uri: vscode.Uri): string {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  if (!document) throw new AppError("not_found", vscode.l10n.t("It is not open any more."));
  return document.getText();
}

function linesOf(text: string, from?: number, to?: number): string {
  if (from === undefined) return text;
  const lines = text.split("\n");
  if (from > lines.length)
    throw new AppError(
      "not_found",
      vscode.l10n.t("Its last line is {0} now, there is no line {1}.", lines.length, from),
    );
  return lines.slice(from - 1, to ?? from).join("\n");
}

async function listNames({ files }: ContextSources, { uri }: ContextRef): Promise<string> {
  const folder = vscode.Uri.parse(uri ?? "", true).fsPath;
  const found = (await files.within(folder)).sort();
  const more =
    found.length > MOST_NAMES
      ? [editorTexts().plural(found.length - MOST_NAMES, "[{0} more file]", "[{0} more files]")]
      : [];
  if (found.length === 0) throw new AppError("not_found", vscode.l10n.t("No file of it may be shown."));
  return [...found.slice(0, MOST_NAMES), ...more].join("\n");
}

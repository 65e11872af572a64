import { basename } from "node:path";
import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { fitSnippet } from "../../base/text/fitSnippet.ts";
import type { Window } from "../host/window.ts";
import { editorFiles } from "../host/editorFiles.ts";
import { proposeText } from "./proposalDiff.ts";

/**
 * Offers a text in place of the selection, or where it belongs in the file by the lines that both have, as a diff; changes the
 * file when the user accepts it there. A file that is empty or not there becomes it.
 */
export async function applyText({ documents }: Window, text: string, target: vscode.Uri | undefined): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const uri = target ?? editor?.document.uri;
  if (uri?.scheme !== "file") throw new AppError("bad_request", vscode.l10n.t("Open the file to change first."));
  const before = await readIfThere(uri.fsPath);
  const selection = editor?.document.uri.toString() === uri.toString() ? editor.selection : undefined;
  const name = basename(uri.fsPath);
  const after =
    before !== null && selection && !selection.isEmpty ? replaceSelection(editor!, text) : fit(before, text);
  if (after === undefined) {
    const why = vscode.l10n.t(
      "It is not told where in {0} this belongs: select the lines that it is to replace.",
      name,
    );
    throw new AppError("bad_request", why);
  }
  const change = { path: uri.fsPath, before: before ?? "", after };
  await proposeText(documents, change, () => editorFiles.writeText(uri.fsPath, after, before));
}

function fit(before: string | null, text: string): string | undefined {
  return before === null || before.trim() === "" ? text : fitSnippet(before, text);
}

function replaceSelection({ document, selection }: vscode.TextEditor, text: string): string {
  const whole = document.getText();
  return whole.slice(0, document.offsetAt(selection.start)) + text + whole.slice(document.offsetAt(selection.end));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return (await editorFiles.readText(path)).text;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}

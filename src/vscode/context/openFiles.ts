import * as vscode from "vscode";
import type { ContextFound } from "../../protocol/panel/contextRef.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { fileLabel, toFileRef } from "./fileLabel.ts";

const MOST = 8;

/** What is selected in the active editor, and the files that are open, the active one first. */
export function findOpenFiles(): ContextFound[] {
  const editor = vscode.window.activeTextEditor;
  const active = editor?.document.uri;
  const tabs = vscode.window.tabGroups.all.flatMap(({ tabs: some }) => some);
  const open = tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
  const uris = new Map([...(active ? [active] : []), ...open].map((uri) => [uri.toString(), uri]));
  const files = [...uris.values()]
    .filter((uri) => uri.scheme === "untitled" || (uri.scheme === "file" && isOffered(uri)))
    .slice(0, MOST)
    .map((uri) => toFound(toFileRef(uri)));
  const selection = active && isOffered(active) ? selectionRef(editor) : undefined;
  if (!selection) return files;
  return [{ ref: selection, label: vscode.l10n.t("Selection"), detail: selection.label }, ...files];
}

/** The selected lines of an editor; undefined where nothing is selected. */
export function selectionRef(editor: vscode.TextEditor | undefined) {
  if (!editor || editor.selection.isEmpty) return undefined;
  return { ...toFileRef(editor.document.uri, editor.selection), icon: "list-selection" };
}

function isOffered(uri: vscode.Uri): boolean {
  return protectedReason(uri.fsPath, "read") === undefined;
}

function toFound(ref: ReturnType<typeof toFileRef>): ContextFound {
  const path = fileLabel(vscode.Uri.parse(ref.uri!));
  const slash = path.lastIndexOf("/");
  return { ref, label: path.slice(slash + 1), ...(slash > 0 ? { detail: path.slice(0, slash) } : {}) };
}

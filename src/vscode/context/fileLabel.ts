import * as vscode from "vscode";
import type { ContextRef } from "../../protocol/panel/contextRef.ts";

/** A file as a chip names it, from its workspace folder and with its lines: "src/main.ts:10-24". */
export function fileLabel(uri: vscode.Uri, from?: number, to?: number): string {
  const path = vscode.workspace.asRelativePath(uri);
  if (from === undefined) return path;
  return to === undefined || to === from ? `${path}:${from}` : `${path}:${from}-${to}`;
}

export function toFileRef(uri: vscode.Uri, range?: vscode.Range): ContextRef {
  const lines = range && linesOf(range);
  return { kind: "file", label: fileLabel(uri, lines?.from, lines?.to), icon: "file", uri: uri.toString(), ...lines };
}

/** The lines of a range, from 1. One that ends before the first letter of a line has nothing of that line. */
export function linesOf({ start, end }: vscode.Range): { from: number; to: number } {
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return { from: start.line + 1, to: last };
}

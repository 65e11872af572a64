import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import type { CodeEdit, CodePosition, CodeSpan, CodeSymbol } from "../../core/ports/codeKnowledge.ts";
import { isInside } from "../../base/files/isInside.ts";
import { toPath, toUri } from "./folderUris.ts";
import { openUnseen } from "./foundProblems.ts";
import { indentationOf } from "./indentation.ts";

type Place = vscode.Location | vscode.LocationLink;

/** What one of the editor's providers of places says: of definitions or references. */
export async function askPlaces(command: string, at: CodePosition): Promise<CodeSpan[]> {
  const found = await vscode.commands.executeCommand<Place[] | undefined>(command, toUri(at.path), toPosition(at));
  const spans = (found ?? []).flatMap((place) =>
    "targetUri" in place
      ? toSpan(place.targetUri, place.targetSelectionRange ?? place.targetRange, place.targetRange)
      : toSpan(place.uri, place.range, place.range),
  );
  const seen = new Set<string>();
  return spans.filter(({ path, line, column }) => {
    const key = `${path}:${line}:${column}`;
    return !seen.has(key) && seen.add(key);
  });
}

export async function askSymbols(path: string): Promise<CodeSymbol[]> {
  const found = await vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>(
    "vscode.executeDocumentSymbolProvider",
    toUri(path),
  );
  const flatten = (one: vscode.DocumentSymbol, depth: number): CodeSymbol[] => [
    toSymbol(one, path, one.range, depth, one.selectionRange),
    ...one.children.flatMap((child) => flatten(child, depth + 1)),
  ];
  // The editor gives what is both.
  return (found ?? []).flatMap((one) =>
    "children" in one ? flatten(one, 0) : [toSymbol(one, path, one.location.range, 0)],
  );
}

export async function askFolderSymbols(folder: string, query: string): Promise<CodeSymbol[]> {
  const found = await vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
    "vscode.executeWorkspaceSymbolProvider",
    query,
  );
  return (found ?? []).flatMap((one) => {
    const path = toPath(one.location.uri);
    return path !== undefined && isInside(folder, path) ? [toSymbol(one, path, one.location.range, 0)] : [];
  });
}

export async function askRename(at: CodePosition, name: string): Promise<CodeEdit[]> {
  let edit: vscode.WorkspaceEdit | undefined;
  try {
    edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit | undefined>(
      "vscode.executeDocumentRenameProvider",
      toUri(at.path),
      toPosition(at),
      name,
    );
  } catch (error) {
    throw new AppError("bad_request", `It cannot be renamed to ${name}: ${(error as Error).message}`);
  }
  const entries = edit?.entries() ?? [];
  // What makes, moves or deletes files is not among the entries.
  if (edit && edit.size > entries.length)
    throw new AppError("bad_request", "The rename would move files, too; use apply_patch for those");
  return await Promise.all(entries.map(([uri, edits]) => toEdit(uri, edits)));
}

export async function askFormat(path: string): Promise<CodeEdit | undefined> {
  const uri = toUri(path);
  const document = await openUnseen(path);
  // Older editors take none from the document where none are given.
  const options = document ? indentationOf(document) : { tabSize: 4, insertSpaces: true };
  const edits = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
    "vscode.executeFormatDocumentProvider",
    uri,
    options,
  );
  return edits && (await toEdit(uri, edits));
}

async function toEdit(uri: vscode.Uri, edits: vscode.TextEdit[]): Promise<CodeEdit> {
  const path = toPath(uri);
  const document = path === undefined ? undefined : await openUnseen(path);
  if (path === undefined || !document)
    throw new AppError("bad_request", `It would change ${uri.toString()}, which is no text file`);
  const before = document.getText();
  let after = before;
  // From the end on, so that the places of the others stay.
  const last = edits
    .map(({ range, newText }, index) => ({
      start: document.offsetAt(range.start),
      end: document.offsetAt(range.end),
      newText,
      index,
    }))
    .toSorted((a, b) => b.start - a.start || b.index - a.index);
  for (const { start, end, newText } of last) after = after.slice(0, start) + newText + after.slice(end);
  return { path, before, after };
}

function toSpan(uri: vscode.Uri, named: vscode.Range, whole: vscode.Range): CodeSpan[] {
  const path = toPath(uri);
  if (path === undefined) return [];
  const { line, character } = named.start;
  return [{ path, line: line + 1, column: character + 1, endLine: whole.end.line + 1 }];
}

function toSymbol(
  { name, kind, ...more }: { name: string; kind: vscode.SymbolKind; containerName?: string },
  path: string,
  range: vscode.Range,
  depth: number,
  named = range,
): CodeSymbol {
  return {
    name,
    kind: (vscode.SymbolKind[kind] ?? "symbol").replace(/^./, (first) => first.toLowerCase()),
    path,
    line: range.start.line + 1,
    column: named.start.character + 1,
    endLine: range.end.line + 1,
    depth,
    ...(more.containerName ? { container: more.containerName } : {}),
  };
}

function toPosition({ line, column }: CodePosition): vscode.Position {
  return new vscode.Position(line - 1, column - 1);
}

import * as vscode from "vscode";
import { protectedReason } from "../../rules/protectedPath.ts";
import type { ContextFound } from "../../protocol/panel/contextRef.ts";
import { fileLabel, toFileRef } from "./fileLabel.ts";

const MOST = 8;
// A language server that still reads its project answers the next letter.
const PATIENCE_MS = 700;

/** Functions, classes and the like whose names fit, of the whole workspace, as the languages' extensions tell them. */
export async function findSymbols(query: string): Promise<ContextFound[]> {
  if (query.length < 2 || /[/.:]/.test(query)) return [];
  const asked = vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
    "vscode.executeWorkspaceSymbolProvider",
    query,
  );
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  const symbols = await Promise.race([asked, tooLate]);
  clearTimeout(timer);
  return (symbols ?? []).filter(isOurs).slice(0, MOST).map(toFound);
}

function isOurs({ location }: vscode.SymbolInformation): boolean {
  const { uri } = location;
  if (uri.scheme !== "file" || protectedReason(uri.fsPath, "read") !== undefined) return false;
  return vscode.workspace.getWorkspaceFolder(uri) !== undefined;
}

function toFound({ name, kind, location: { uri, range } }: vscode.SymbolInformation): ContextFound {
  const ref = toFileRef(uri, range);
  const word = vscode.SymbolKind[kind] ?? "Misc";
  const icon = `symbol-${word.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}`;
  return {
    ref: { ...ref, icon, label: `${name}, ${ref.label}` },
    label: name,
    detail: fileLabel(uri, ref.from, ref.to),
  };
}

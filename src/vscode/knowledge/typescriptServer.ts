import * as vscode from "vscode";
import type { Problem } from "../../core/ports/codeKnowledge.ts";

const LANGUAGES = new Set(["typescript", "typescriptreact", "javascript", "javascriptreact"]);

export function isTypescript({ languageId }: vscode.TextDocument): boolean {
  return LANGUAGES.has(languageId);
}

/**
 * The problems of an open document, asked of the editor's own TypeScript server: by itself it looks only at what is shown in
 * a tab. Undefined where that server is switched off. Takes as long as the server takes to load the document's project.
 */
export async function askTypescript(uri: vscode.Uri, path: string): Promise<Problem[] | undefined> {
  const found = await Promise.all(ASKED.map((request) => ask(request, uri)));
  return found.includes(undefined) ? undefined : found.flatMap((one) => one!).flatMap((one) => toProblem(one, path));
}

const ASKED = ["syntacticDiagnosticsSync", "semanticDiagnosticsSync"];

interface Diagnostic {
  start: { line: number; offset: number };
  text: string;
  code?: number;
  category: string;
}

async function ask(request: string, uri: vscode.Uri): Promise<Diagnostic[] | undefined> {
  try {
    const answer = await vscode.commands.executeCommand<{ type: string; body?: Diagnostic[] } | undefined>(
      "typescript.tsserverRequest",
      request,
      { file: uri },
    );
    return answer?.type === "response" ? (answer.body ?? []) : undefined;
  } catch {
    // The extension is switched off, or its server has just ended.
    return undefined;
  }
}

function toProblem({ start, text, code, category }: Diagnostic, path: string): Problem[] {
  if (category !== "error" && category !== "warning") return [];
  const { line, offset: column } = start;
  const named = code === undefined ? {} : { code: String(code) };
  return [{ path, line, column, severity: category, message: text, source: "ts", ...named }];
}

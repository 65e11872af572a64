import { stat } from "node:fs/promises";
import { relative } from "node:path";
import * as vscode from "vscode";
import { asText, readSelection, type SentProblem } from "../chat/sendSelection.ts";
import type { Window } from "../host/window.ts";
import { toTestTarget } from "./testTarget.ts";

/** What a task is about, as far as a command was called on something. */
export interface SpawnTarget {
  /** For people: "src/a.ts:3-9". */
  name?: string;
  /** For the sub-agent, after the task. */
  text: string;
  /** The file or folder on the disk that it is about; the workspace around it is where the sub-agent works. */
  path?: string;
}

/** A problem that an editor shows, as the lightbulb hands it over. */
export interface Problem {
  uri: vscode.Uri;
  /** From 1 on. */
  line: number;
  message: string;
  source?: string | undefined;
}

/** A folder, file or problem that the command was called on; else the active editor's selection, if any. */
export async function toSpawnTarget({ sources }: Pick<Window, "sources">, given: unknown): Promise<SpawnTarget> {
  if (isProblem(given)) {
    const name = `${vscode.workspace.asRelativePath(given.uri)}:${given.line}`;
    const text = `The editor shows this problem in ${name}${given.source ? ` (${given.source})` : ""}:\n${given.message}`;
    return { name, text, ...(given.uri.scheme === "file" ? { path: given.uri.fsPath } : {}) };
  }
  const test = toTestTarget(given, (path) => vscode.workspace.asRelativePath(path));
  if (test) return test;
  if (given instanceof vscode.Uri && given.scheme === "file") {
    const name = vscode.workspace.asRelativePath(given);
    const isFolder = await stat(given.fsPath).then((found) => found.isDirectory());
    const isWhole = vscode.workspace.workspaceFolders?.some(({ uri }) => relative(uri.fsPath, given.fsPath) === "");
    if (isWhole) return { text: "", path: given.fsPath };
    const what = isFolder ? `the folder ${name} and what is in it` : `the file ${name}`;
    return { name, text: `This is about ${what}.`, path: given.fsPath };
  }
  const selection = await readSelection(sources);
  return selection ? { name: selection.name, text: asText(selection) } : { text: "" };
}

function isProblem(given: unknown): given is Problem {
  if (typeof given !== "object" || given === null) return false;
  const { uri, message } = given as Partial<Problem>;
  return uri instanceof vscode.Uri && typeof message === "string";
}

/** Offers to hand a problem to the chat or to a sub-agent, beside the fixes there are. */
export function offerOnProblems(): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, _range, { diagnostics }) {
      return diagnostics.slice(0, 3).flatMap((diagnostic) => {
        const words = diagnostic.message.split("\n", 1)[0]!.slice(0, 60);
        const sent: SentProblem = { uri: document.uri, problem: diagnostic };
        const title = vscode.l10n.t("Spawn a sub-agent on: {0}", words);
        const problem: Problem = {
          uri: document.uri,
          line: diagnostic.range.start.line + 1,
          message: diagnostic.message,
          source: diagnostic.source,
        };
        return [
          toAction(diagnostic, "pincer.sendSelection", vscode.l10n.t("Send to Pincer: {0}", words), sent),
          toAction(diagnostic, "pincer.spawnTask", title, problem),
        ];
      });
    },
  };
  const kinds = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
  return vscode.languages.registerCodeActionsProvider({ scheme: "file" }, provider, kinds);
}

function toAction(diagnostic: vscode.Diagnostic, command: string, title: string, given: unknown): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { command, title, arguments: [given] };
  action.diagnostics = [diagnostic];
  return action;
}

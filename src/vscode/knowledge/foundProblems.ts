import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { within } from "../../base/wait.ts";
import type { Checked, Problem } from "../../core/ports/codeKnowledge.ts";
import { isInside } from "../../base/files/isInside.ts";
import { toPath, toUri } from "./folderUris.ts";
import { startServers } from "./servers.ts";
import { ServerWords } from "./serverWords.ts";
import { askTypescript, isTypescript } from "./typescriptServer.ts";
import { defined } from "../../base/defined.ts";

const MOST_OPEN = 8;

/** The problems that servers find, as this window hears of them. */
export class FoundProblems implements vscode.Disposable {
  readonly #clock: Clock;
  readonly #words: ServerWords;
  readonly #listening: vscode.Disposable;
  /** How much had been told about a file when it came to have the text that it has: what comes after is about that. */
  readonly #since = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#words = new ServerWords(clock);
    this.#listening = vscode.Disposable.from(
      vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        for (const uri of uris) {
          const document = documentOf(uri);
          this.#words.note(uri.toString(), document && kindOf(document));
        }
      }),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => this.#begin(uri.toString())),
      vscode.workspace.onDidChangeTextDocument(({ document: { uri }, contentChanges }) => {
        if (contentChanges.length > 0) this.#begin(uri.toString());
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#since.delete(uri.toString())),
    );
  }

  async check(paths: string[], limitMs: number, signal: AbortSignal): Promise<Checked> {
    const late = (path: string): Checked => ({ problems: [], pending: [path], unseen: [] });
    const checked = await Promise.all(
      paths.map(
        async (path) => (await within(this.#clock, limitMs, this.#checkOne(path, signal), signal)) ?? late(path),
      ),
    );
    return {
      problems: inOrder(checked.flatMap(({ problems }) => problems)),
      pending: checked.flatMap(({ pending }) => pending),
      unseen: checked.flatMap(({ unseen }) => unseen),
    };
  }

  known(folder: string): Problem[] {
    const found = vscode.languages.getDiagnostics().flatMap(([uri, diagnostics]) => {
      const path = toPath(uri);
      return path !== undefined && isInside(folder, path) ? diagnostics.flatMap((one) => toProblem(one, path)) : [];
    });
    return inOrder(found);
  }

  /** Of a folder, newest first. */
  open(folder: string): string[] {
    const paths = shownUris()
      .flatMap((uri) => toPath(uri) ?? [])
      .filter((path) => isInside(folder, path));
    return [...new Set(paths)].slice(0, MOST_OPEN);
  }

  dispose(): void {
    this.#listening.dispose();
  }

  async #checkOne(path: string, signal: AbortSignal): Promise<Checked> {
    const document = await openUnseen(path);
    if (!document) return { problems: [], pending: [], unseen: [] };
    const { uri } = document;
    const hasServer = await startServers(document.languageId, this.#clock);
    const ofTypescript = isTypescript(document) ? await askTypescript(uri, path) : undefined;
    if (ofTypescript)
      return { problems: [...ofTypescript, ...problemsOf(uri, path).filter(isOther)], pending: [], unseen: [] };
    const key = uri.toString();
    const isDone = !hasServer || (await this.#words.settled(key, kindOf(document), this.#since.get(key) ?? 0, signal));
    const problems = problemsOf(uri, path);
    const isUnseen = isDone && problems.length === 0 && this.#words.count(key) === 0;
    return { problems, pending: isDone ? [] : [path], unseen: isUnseen ? [path] : [] };
  }

  #begin(key: string): void {
    this.#since.set(key, this.#words.count(key));
  }
}

/** The document of a file, opened without a tab where it is not open; undefined for what is no text, or not there. */
export async function openUnseen(path: string): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(toUri(path));
  } catch {
    return undefined;
  }
}

function shownUris(): vscode.Uri[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : [])),
  );
}

/** Many servers look only at what is shown in a tab, others at all that they are told of. */
function kindOf({ languageId, uri }: vscode.TextDocument): string {
  const key = uri.toString();
  return shownUris().some((shown) => shown.toString() === key) ? `${languageId} in a tab` : languageId;
}

function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  const key = uri.toString();
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
}

function problemsOf(uri: vscode.Uri, path: string): Problem[] {
  return vscode.languages.getDiagnostics(uri).flatMap((one) => toProblem(one, path));
}

/** Told by somebody else than the server that was asked. */
const isOther = ({ source }: Problem): boolean => source !== "ts" && source !== "js";

function toProblem({ severity, range, message, source, code }: vscode.Diagnostic, path: string): Problem[] {
  if (severity > vscode.DiagnosticSeverity.Warning) return [];
  const value = typeof code === "object" ? code.value : code;
  return [
    {
      path,
      line: range.start.line + 1,
      column: range.start.character + 1,
      severity: severity === vscode.DiagnosticSeverity.Error ? "error" : "warning",
      message,
      ...defined({ source }),
      ...(value === undefined || value === "" ? {} : { code: String(value) }),
    },
  ];
}

function inOrder(problems: Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
}

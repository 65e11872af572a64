import { stripVTControlCharacters } from "node:util";
import * as vscode from "vscode";
import { tailOf } from "../../base/cutText.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { ContextFound } from "../../protocol/panel/contextRef.ts";
import { asScreenText } from "./screenText.ts";

// Of a command that prints without end, its end.
const MOST_CHARS = 200_000;

interface LastCommand {
  execution: vscode.TerminalShellExecution;
  command: string;
  output: string;
  /** Undefined while it runs, and where the shell does not tell. */
  exitCode?: number | undefined;
  isOver: boolean;
}

/** Keeps what the newest command of the window's terminals printed, as shells tell it that the editor understands. */
export class TerminalOutput implements vscode.Disposable {
  readonly #listener: vscode.Disposable;
  #last: LastCommand | undefined;

  constructor(log: Log) {
    this.#listener = vscode.Disposable.from(
      vscode.window.onDidStartTerminalShellExecution(({ execution }) => {
        const last: LastCommand = {
          execution,
          command: execution.commandLine.value,
          output: "",
          isOver: false,
        };
        this.#last = last;
        void this.#follow(last).catch((error: unknown) =>
          log.debug(`A terminal's output is not known: ${describeError(error)}`),
        );
      }),
      vscode.window.onDidEndTerminalShellExecution(({ execution, exitCode }) => {
        if (this.#last?.execution === execution) Object.assign(this.#last, { exitCode, isOver: true });
      }),
    );
  }

  find(query: string): ContextFound[] {
    if (!this.#last) return [];
    const { command } = this.#last;
    const label = vscode.l10n.t("Terminal output");
    if (![label, command].some((words) => words.toLowerCase().includes(query.toLowerCase()))) return [];
    return [
      { ref: { kind: "terminal", label, icon: "terminal", id: "output" }, label, detail: command.split("\n", 1)[0]! },
    ];
  }

  read(): string {
    if (!this.#last) return vscode.l10n.t("No command has run in a terminal of this window yet.");
    const { command, output, exitCode, isOver } = this.#last;
    const end = !isOver ? vscode.l10n.t("[it still runs]") : exitCode === undefined ? "" : `[exit ${exitCode}]`;
    return [`$ ${command}`, asScreenText(stripVTControlCharacters(output)).trim(), end].filter(Boolean).join("\n");
  }

  dispose(): void {
    this.#listener.dispose();
  }

  async #follow(last: LastCommand): Promise<void> {
    for await (const data of last.execution.read()) {
      if (this.#last !== last) return;
      last.output = tailOf(last.output + data, MOST_CHARS);
    }
  }
}

/** What is selected in the terminal that was used last; undefined for nothing. The clipboard is left as it was. */
export async function readTerminalSelection(): Promise<string | undefined> {
  const kept = await vscode.env.clipboard.readText();
  let selected = "";
  try {
    // What has no text may be a picture, which nobody could put back.
    if (kept !== "") await vscode.env.clipboard.writeText("");
    // The editor has no other way to a terminal's selection, and copies nothing where there is none.
    await vscode.commands.executeCommand("workbench.action.terminal.copySelection");
    selected = await vscode.env.clipboard.readText();
    return selected || undefined;
  } finally {
    if (kept !== selected) await vscode.env.clipboard.writeText(kept);
  }
}

import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { watchPath } from "../../base/files/watchPath.ts";
import type { Log } from "../../base/log.ts";
import type { ConfigDiagnostic } from "../../app.ts";
import { toConfigFaults } from "../host/configFault.ts";
import type { Gateway } from "../host/windowGateway.ts";

// A program that writes the rest of a file later has done so by then: half of one may lack the rules.
const QUIET_MS = 1_500;

/**
 * Shows the faults of openclaw.yml where they are, in the editor and the list of problems. A gateway that could not start with
 * them is started again once a file changed, whoever changed it.
 */
export class ConfigFaults implements vscode.Disposable {
  readonly #held = new Disposables();
  readonly #faults = this.#held.add(vscode.languages.createDiagnosticCollection("pincer"));
  #watching = new Disposables();

  constructor(gateway: Gateway, log: Log) {
    this.#held.add(
      gateway.onDidChange(() => {
        this.#show(gateway);
        this.#watch(gateway, log);
      }),
    );
    this.#held.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        // Saved here: all of it is there.
        if (gateway.status.state === "error" && this.#faults.has(uri)) void gateway.start();
      }),
    );
  }

  dispose(): void {
    this.#held.dispose();
    this.#watching.dispose();
  }

  /** Watches the files that keep the gateway from starting, which does not watch them itself. */
  #watch(gateway: Gateway, log: Log): void {
    this.#watching.dispose();
    const watching = (this.#watching = new Disposables());
    if (gateway.status.state !== "error") return;
    let timer: NodeJS.Timeout | undefined;
    watching.add({ dispose: () => clearTimeout(timer) });
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void gateway.start(), QUIET_MS);
    };
    const paths = new Set(toConfigFaults(gateway.status.details).map(({ path }) => path));
    for (const path of paths) watching.add(watchPath(path, changed, { log }));
  }

  #show(gateway: Gateway): void {
    this.#faults.clear();
    const byFile = Map.groupBy(listFaults(gateway), ({ path }) => path);
    for (const [path, faults] of byFile) {
      this.#faults.set(
        vscode.Uri.file(path),
        faults.map(({ severity, line, column, message, code }) => {
          const start = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
          // The editor widens an empty range to the word under it.
          const isError = severity === "error";
          const weight = isError ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
          const fault = new vscode.Diagnostic(new vscode.Range(start, start), message, weight);
          fault.source = "Pincer";
          if (code) fault.code = code;
          return fault;
        }),
      );
    }
  }
}

/** Of the file in force, or of the one that keeps the gateway from starting. */
function listFaults({ app, status }: Gateway): ConfigDiagnostic[] {
  if (app) return app.diagnostics();
  return toConfigFaults(status.details).map((fault) => ({ ...fault, severity: "error" }));
}

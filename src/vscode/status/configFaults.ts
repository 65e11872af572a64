import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import type { ConfigDiagnostic } from "../../app.ts";
import { toConfigFaults } from "../host/configFault.ts";
import type { Gateway } from "../host/windowGateway.ts";

/** Shows the faults of openclaw.yml where they are, in the editor and the list of problems. */
export class ConfigFaults implements vscode.Disposable {
  readonly #held = new Disposables();
  readonly #faults = this.#held.add(vscode.languages.createDiagnosticCollection("pincer"));

  constructor(gateway: Gateway) {
    this.#held.add(gateway.onDidChange(() => this.#show(gateway)));
    this.#held.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        // A gateway that could not start with the file does not watch it either.
        if (gateway.status.state === "error" && this.#faults.has(uri)) void gateway.start();
      }),
    );
  }

  dispose(): void {
    this.#held.dispose();
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

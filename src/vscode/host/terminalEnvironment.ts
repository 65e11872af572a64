import * as vscode from "vscode";
import { delimiter } from "node:path";
import { Disposables } from "../../base/disposable.ts";
import type { Gateway } from "./windowGateway.ts";

/**
 * Tells integrated terminals where the gateway is and with which token, and puts `pincer` on their PATH, as long as it
 * runs and the user wants it. `writeCommand` gives the folder that `pincer` is in.
 */
export class TerminalEnvironment implements vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #variables: vscode.GlobalEnvironmentVariableCollection;
  readonly #writeCommand: () => string;
  readonly #held = new Disposables();
  #told = "";

  constructor(gateway: Gateway, variables: vscode.GlobalEnvironmentVariableCollection, writeCommand: () => string) {
    this.#gateway = gateway;
    this.#writeCommand = writeCommand;
    this.#variables = variables;
    variables.persistent = false;
    variables.description = vscode.l10n.t("Address and token of the Pincer gateway, and its command line");
    this.#held.add(gateway.onDidChange(() => this.#update()));
    this.#held.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("pincer.terminal.environment")) this.#update();
      }),
    );
    this.#update();
  }

  dispose(): void {
    this.#held.dispose();
    this.#variables.clear();
  }

  #update(): void {
    const { app, status } = this.#gateway;
    const isWanted = vscode.workspace.getConfiguration("pincer").get("terminal.environment", true);
    const token = app && status.state === "running" && isWanted ? app.token() : "";
    // Every change marks the open terminals as stale, so say it only when there is one.
    const told = token && `${status.url} ${token}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#variables.clear();
    if (!token || !status.url) return;
    this.#variables.replace("PINCER_URL", status.url);
    this.#variables.replace("PINCER_TOKEN", token);
    // A shell that sets its PATH when it starts, as macOS' do, gets it afterwards.
    const options = { applyAtProcessCreation: true, applyAtShellIntegration: true };
    this.#variables.prepend("PATH", `${this.#writeCommand()}${delimiter}`, options);
  }
}

import * as vscode from "vscode";
import { delimiter } from "node:path";
import type { Log } from "../../base/log.ts";
import { Disposables } from "../../base/disposable.ts";
import { type Gateway, toSentence } from "./windowGateway.ts";

/**
 * Tells integrated terminals where the gateway is and with which token, and puts `pincer` on their PATH, as long as it
 * runs and the user wants it. `writeCommand` resolves with the folder that `pincer` is in.
 */
export class TerminalEnvironment implements vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #variables: vscode.GlobalEnvironmentVariableCollection;
  readonly #writeCommand: () => Promise<string>;
  readonly #log: Log;
  readonly #held = new Disposables();
  #told = "";

  constructor(
    gateway: Gateway,
    variables: vscode.GlobalEnvironmentVariableCollection,
    writeCommand: () => Promise<string>,
    log: Log,
  ) {
    this.#log = log;
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
    void this.#writeCommand().then(
      (folder) => {
        // A shell that sets its PATH when it starts, as macOS' do, gets it afterwards.
        const options = { applyAtProcessCreation: true, applyAtShellIntegration: true };
        if (this.#told === told) this.#variables.prepend("PATH", `${folder}${delimiter}`, options);
      },
      (error: unknown) => this.#log.warn(`Terminals have no pincer: ${toSentence(error)}`),
    );
  }
}

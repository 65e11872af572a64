import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import type { Gateway } from "./windowGateway.ts";

/** Tells integrated terminals where the gateway is and with which token, as long as it runs and the user wants it. */
export class TerminalEnvironment implements vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #variables: vscode.GlobalEnvironmentVariableCollection;
  readonly #held = new Disposables();
  #told = "";

  constructor(gateway: Gateway, variables: vscode.GlobalEnvironmentVariableCollection) {
    this.#gateway = gateway;
    this.#variables = variables;
    variables.persistent = false;
    variables.description = vscode.l10n.t("Address and token of the Pincer gateway");
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
  }
}

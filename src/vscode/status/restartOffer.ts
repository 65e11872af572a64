import * as vscode from "vscode";
import { describeError, type Log } from "../../base/log.ts";
import type { Gateway } from "../host/windowGateway.ts";

const NEED_RESTART = ["pincer.gateway.port", "pincer.configFile", "pincer.stateFolder"];

/** Offers a restart when a setting changes that the running gateway goes by from its start on. */
export function offerRestarts(gateway: Gateway, log: Log): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (NEED_RESTART.some((name) => change.affectsConfiguration(name))) void offer(gateway, log);
  });
}

async function offer(gateway: Gateway, log: Log): Promise<void> {
  if (gateway.status.state !== "running") return;
  const restart = vscode.l10n.t("Restart gateway");
  const message = vscode.l10n.t("The changed setting of Pincer takes effect when the gateway restarts.");
  if ((await vscode.window.showInformationMessage(message, restart)) !== restart) return;
  await gateway.restart().catch((error: unknown) => log.error(describeError(error)));
}

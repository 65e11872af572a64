import * as vscode from "vscode";
import type { App } from "./app.ts";
import { createRedactor } from "./base/redact.ts";
import type { Log } from "./base/log.ts";
import type { Host } from "./core/ports/host.ts";
import { describeError } from "./base/log.ts";
import { createEdge } from "./vscode/createEdge.ts";
import { createEditorHost } from "./vscode/editorHost.ts";
import { Gateway } from "./vscode/gateway.ts";
import { createChannelLog } from "./vscode/logChannel.ts";

let gateway: Gateway | undefined;

/** Puts up the views and commands; the gateway behind them is loaded and started afterwards. */
export function activate(context: vscode.ExtensionContext): void {
  const channel = vscode.window.createOutputChannel("Pincer", { log: true });
  const redactor = createRedactor();
  const log = createChannelLog(channel, redactor);
  const host = createEditorHost(context, log, redactor);
  const open = async (): Promise<App> => {
    const app = await openFor(host);
    redactor.add(app.token());
    return app;
  };
  gateway = new Gateway({ open, trusted: () => vscode.workspace.isTrusted, log });
  context.subscriptions.push(channel, createEdge({ context, channel, log, redactor, host, gateway }));
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() => autoStart(gateway!, log)));
  autoStart(gateway, log);
}

/** The editor waits 5 s at most. */
export async function deactivate(): Promise<void> {
  await gateway?.stop();
  gateway = undefined;
}

function autoStart(started: Gateway, log: Log): void {
  const isWanted = vscode.workspace.getConfiguration("pincer").get("gateway.autoStart", true);
  if (!vscode.workspace.isTrusted || !isWanted) return void started.stop();
  started.start().catch((error: unknown) => log.error(describeError(error)));
}

async function openFor(host: Host): Promise<App> {
  const settings = vscode.workspace.getConfiguration("pincer");
  const port = settings.get<number | null>("gateway.port", null);
  const config = settings.get("configFile", "");
  const { openApp } = await import("./app.ts");
  return openApp({
    host,
    mode: "attach-or-lead",
    ...(port === null ? {} : { port }),
    ...(config ? { config } : {}),
  });
}

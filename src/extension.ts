import * as vscode from "vscode";
import { editorTexts } from "./vscode/words/editorTexts.ts";
import { systemClock } from "./base/clock.ts";
import { createRedactor } from "./base/redact.ts";
import type { Log } from "./base/log.ts";
import { describeError } from "./base/log.ts";
import { createWindow } from "./vscode/createWindow.ts";
import { VirtualDocuments } from "./vscode/documents/virtualDocuments.ts";
import { createEditorHost } from "./vscode/host/editorHost.ts";
import { Presence } from "./vscode/host/presence.ts";
import { Gateway } from "./vscode/host/windowGateway.ts";
import { createChannelLog } from "./vscode/host/logChannel.ts";
import { openWindowApp } from "./vscode/host/openWindowApp.ts";

let gateway: Gateway | undefined;

/** Puts up the views and commands; the gateway behind them is loaded and started afterwards. */
export function activate(context: vscode.ExtensionContext): void {
  const channel = vscode.window.createOutputChannel("Pincer", { log: true });
  const redactor = createRedactor();
  const log = createChannelLog(channel, redactor);
  const ping = () => vscode.commands.executeCommand("setContext", "pincer.isThere", true);
  const presence = new Presence(ping, systemClock);
  const documents = new VirtualDocuments();
  const leads = () => gateway?.status.role === "leader";
  const host = createEditorHost({ context, log, redactor, presence, documents, leads });
  gateway = new Gateway({
    open: () => openWindowApp(host),
    trusted: () => vscode.workspace.isTrusted,
    log,
    texts: editorTexts(),
  });
  const window = createWindow({ context, channel, log, redactor, host, gateway, documents });
  context.subscriptions.push(channel, presence, documents, window);
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

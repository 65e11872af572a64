import * as vscode from "vscode";
import { openOutside } from "../documents/openOutside.ts";
import type { Command } from "../host/command.ts";
import { type Window, needGateway } from "../host/window.ts";

export const browserCommands: Record<string, Command> = {
  async "pincer.openAgentPage"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const { tabs = [] } = await client.call("browser", { action: "tabs", sessionKey: window.chat.sessionKey });
    const url = (tabs.find(({ focused }) => focused) ?? tabs[0])?.url ?? "";
    if (!/^https?:/.test(url)) {
      void vscode.window.showInformationMessage(vscode.l10n.t("The agent has no web page open in the chat's session."));
      return;
    }
    await openBeside(url);
  },

  "pincer.showBrowser": (window) => start(window, false),
  "pincer.hideBrowser": (window) => start(window, true),

  async "pincer.clearBrowser"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const session = vscode.l10n.t("This session");
    const all = vscode.l10n.t("All sessions");
    const question = vscode.l10n.t("Clear the browser profile?");
    const detail = vscode.l10n.t(
      "The agent's tabs, cookies, logins and downloads: of the session that the chat shows, or of all. Your own browser is not touched.",
    );
    const choice = await vscode.window.showWarningMessage(question, { modal: true, detail }, session, all);
    if (choice === undefined) return;
    await client.call("browser", { action: "clear", sessionKey: window.chat.sessionKey, all: choice === all });
    window.gateway.announce();
  },
};

/** Starts the browser with or without a window; one that runs the other way is started anew with its pages. */
async function start(window: Window, headless: boolean): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const title = headless ? vscode.l10n.t("Hiding the agent's browser") : vscode.l10n.t("Showing the agent's browser");
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    client.call("browser", { action: "start", sessionKey: window.chat.sessionKey, headless }),
  );
  window.gateway.announce();
}

/** In a tab of the editor where it can show pages, else in the user's browser. It is the same address, not the same login. */
async function openBeside(url: string): Promise<void> {
  const commands = await vscode.commands.getCommands(true);
  if (commands.includes("simpleBrowser.api.open")) {
    const options = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    await vscode.commands.executeCommand("simpleBrowser.api.open", url, options);
  } else {
    await openOutside(url);
  }
}

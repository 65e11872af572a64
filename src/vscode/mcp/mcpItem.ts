import * as vscode from "vscode";
import { stateIcon } from "../trees/stateIcon.ts";
import { toTooltip } from "../words/tooltip.ts";
import { editorTexts } from "../words/editorTexts.ts";
import type { McpServer } from "../../protocol/mcp.ts";

type McpTool = McpServer["tools"][number];

/** How a server looks in the tree: its state in words and as an icon, its tools beneath. */
export function toServerItem(server: McpServer): vscode.TreeItem {
  const { name, state, tools, error, target } = server;
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, tools.length > 0 ? Collapsed : None);
  item.id = name;
  const count = editorTexts().plural(tools.length, "{0} tool", "{0} tools");
  item.description = [stateWord(state), tools.length > 0 ? count : ""].filter(Boolean).join(" · ");
  item.iconPath = stateIcon(ICONS[state]);
  item.contextValue = ["mcpServer", state, server.kind].join(";");
  item.accessibilityInformation = { label: [name, item.description, error ?? ""].filter(Boolean).join(", ") };
  item.tooltip = toTooltip([target, error, server.version, server.protocol].filter((line) => line !== null));
  return item;
}

export function toToolItem({ name, title, description, readOnly }: McpTool): vscode.TreeItem {
  const item = new vscode.TreeItem(title);
  item.id = name;
  item.description = readOnly ? vscode.l10n.t("says that it only reads") : "";
  item.iconPath = new vscode.ThemeIcon("tools");
  item.contextValue = "mcpTool";
  item.tooltip = toTooltip([name, description]);
  return item;
}

function stateWord(state: McpServer["state"]): string {
  const words: Record<McpServer["state"], string> = {
    off: vscode.l10n.t("off"),
    idle: vscode.l10n.t("not running"),
    starting: vscode.l10n.t("starting"),
    ready: vscode.l10n.t("ready"),
    failed: vscode.l10n.t("failed"),
    sign_in: vscode.l10n.t("sign in"),
  };
  return words[state];
}

const ICONS: Record<McpServer["state"], string> = {
  off: "circle-slash",
  idle: "circle-outline",
  starting: "sync",
  ready: "pass",
  failed: "error",
  sign_in: "key",
};

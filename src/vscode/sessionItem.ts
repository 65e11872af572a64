import * as vscode from "vscode";
import type { SessionEntry } from "./routes.ts";
import { sessionDescription, sessionTitle, stateWord } from "./sessionWords.ts";

/** How a session looks in the tree. The tooltip is filled in when it is hovered. */
export function toSessionItem(session: SessionEntry, options: { hasChildren: boolean; now: number }): vscode.TreeItem {
  const item = new vscode.TreeItem(sessionTitle(session));
  item.id = session.key;
  item.description = sessionDescription(session, options.now);
  item.iconPath = iconOf(session);
  item.contextValue = contextOf(session);
  item.collapsibleState = options.hasChildren
    ? vscode.TreeItemCollapsibleState.Collapsed
    : vscode.TreeItemCollapsibleState.None;
  item.command = { command: "pincer.openSession", title: vscode.l10n.t("Open in chat"), arguments: [session.key] };
  item.accessibilityInformation = {
    label: `${sessionTitle(session)}, ${stateWord(session.state)}, ${sessionDescription(session, options.now)}`,
  };
  return item;
}

/** Tokens that menus match as whole words: "session;isolated;busy". */
export function contextOf(session: SessionEntry): string {
  const busy = session.state === "running" || session.state === "queued" || session.state === "waiting";
  return ["session", session.kind, session.state, ...(busy ? ["busy"] : [])].join(";");
}

function iconOf({ state, kind, parentKey }: SessionEntry): vscode.ThemeIcon {
  if (state === "running") return new vscode.ThemeIcon("loading~spin");
  if (state === "queued") return new vscode.ThemeIcon("watch");
  if (state === "waiting") return new vscode.ThemeIcon("bell-dot", new vscode.ThemeColor("list.warningForeground"));
  if (state === "failed") return new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  if (kind === "main") return new vscode.ThemeIcon("home");
  if (kind === "channel") return new vscode.ThemeIcon("broadcast");
  return new vscode.ThemeIcon(parentKey ? "type-hierarchy-sub" : "comment");
}

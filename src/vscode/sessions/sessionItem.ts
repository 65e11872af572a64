import * as vscode from "vscode";
import { stateIcon } from "../trees/stateIcon.ts";
import { sessionDescription, sessionTitle, stateWord } from "../host/sessionWords.ts";
import type { Session } from "../../protocol/session.ts";

/** How a session looks in the tree. The tooltip is filled in when it is hovered. */
export function toSessionItem(session: Session, options: { children: Session[]; now: number }): vscode.TreeItem {
  const item = new vscode.TreeItem(sessionTitle(session));
  item.id = session.key;
  item.description = sessionDescription(session, options.now);
  item.iconPath = iconOf(session);
  item.contextValue = contextOf(session, options.children);
  item.collapsibleState = collapsibleStateOf(options.children);
  item.command = { command: "pincer.openSession", title: vscode.l10n.t("Open in chat"), arguments: [session.key] };
  const state = session.state === "idle" ? `${stateWord("idle")}, ` : "";
  const pinned = session.pinned ? `${vscode.l10n.t("pinned")}, ` : "";
  item.accessibilityInformation = { label: `${sessionTitle(session)}, ${pinned}${state}${item.description}` };
  return item;
}

/** Tokens that menus match as whole words: "session;isolated;running;busy;parent". */
function contextOf(session: Session, children: Session[]): string {
  const marks = [
    ...(children.length > 1 ? ["family"] : []),
    ...(isBusy(session) ? ["busy"] : []),
    ...(children.some(isBusy) ? ["parent"] : []),
    ...(session.pinned ? ["pinned"] : []),
    ...(session.archived ? ["archived"] : []),
  ];
  return ["session", session.kind, session.state, ...marks].join(";");
}

/** Open as long as something happens beneath, until the user says otherwise. */
function collapsibleStateOf(children: Session[]): vscode.TreeItemCollapsibleState {
  if (children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return children.some(isBusy) ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

export function isBusy({ state }: Pick<Session, "state">): boolean {
  return state === "running" || state === "queued" || state === "waiting";
}

function iconOf({ state, kind, parentKey, pinned }: Session): vscode.ThemeIcon {
  if (state === "running") return new vscode.ThemeIcon("loading~spin");
  if (state === "queued") return new vscode.ThemeIcon("watch");
  if (state === "waiting") return stateIcon("bell-dot");
  if (state === "failed") return stateIcon("error");
  if (kind === "main") return new vscode.ThemeIcon("home");
  if (pinned) return new vscode.ThemeIcon("pinned");
  if (kind === "channel") return new vscode.ThemeIcon("broadcast");
  return new vscode.ThemeIcon(parentKey ? "type-hierarchy-sub" : "comment");
}

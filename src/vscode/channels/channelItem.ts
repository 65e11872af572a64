import * as vscode from "vscode";
import { stateIcon } from "../trees/stateIcon.ts";
import { toTooltip } from "../words/tooltip.ts";
import type { ChannelPerson, ListedChannel } from "../../protocol/outside/channelState.ts";
import { channelTitle } from "../words/channelTitle.ts";
import { editorTexts } from "../words/editorTexts.ts";

type Pending = ListedChannel["pending"][number];

/** How a chat network looks in the tree: its state in words and as an icon; in the tooltip its last error, and what waits. */
export function toChannelItem(channel: ListedChannel): vscode.TreeItem {
  const { id, state, account, webhook, people, pending } = channel;
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(channelTitle(id), people.length + pending.length > 0 ? Expanded : None);
  const { plural } = editorTexts();
  const waits = pending.length > 0 ? plural(pending.length, "{0} waits to be paired", "{0} wait to be paired") : "";
  item.id = id;
  item.description = [stateWord(channel), webhook && vscode.l10n.t("by webhook"), account, waits]
    .filter(Boolean)
    .join(" · ");
  item.iconPath = stateIcon(ICONS[state]);
  item.contextValue = ["channel", state].join(";");
  const lines = [item.description, ...tooltipLines(channel)];
  item.accessibilityInformation = { label: [item.label, ...lines].join(", ") };
  item.tooltip = toTooltip(lines);
  return item;
}

/** Who may talk. */
export function toPersonItem(channel: string, { id, name, by }: ChannelPerson): vscode.TreeItem {
  const item = new vscode.TreeItem(name ?? id);
  const how = by === "allow" ? vscode.l10n.t("by openclaw.yml") : vscode.l10n.t("paired");
  item.id = `${channel} ${id}`;
  item.description = [name === null ? "" : id, how].filter(Boolean).join(" · ");
  item.iconPath = new vscode.ThemeIcon("person");
  item.contextValue = ["channelPerson", by].join(";");
  return item;
}

/** Who was shown a code that nobody has confirmed. */
export function toPendingItem(channel: string, { id, name, expiresAt }: Pending): vscode.TreeItem {
  const item = new vscode.TreeItem(name);
  item.id = `${channel}?${id}`;
  item.description = [id, vscode.l10n.t("waits to be paired")].join(" · ");
  item.iconPath = new vscode.ThemeIcon("person-add");
  item.contextValue = "channelPending";
  const until = vscode.l10n.t("Was shown a code in the chat, which is good until {0}", timeWords(expiresAt));
  item.tooltip = until;
  // Else a screen reader says the tooltip alone.
  item.accessibilityInformation = { label: [name, item.description, until].join(", ") };
  return item;
}

function tooltipLines({ error, retryAt, webhook, waiting, inDoubt, refusal }: ListedChannel): string[] {
  const { plural } = editorTexts();
  const lines = [
    error,
    retryAt && vscode.l10n.t("It is tried again at {0}", timeWords(retryAt)),
    ...webhookLines(webhook),
    waiting > 0 && plural(waiting, "{0} message is to go out", "{0} messages are to go out"),
    inDoubt > 0 && plural(inDoubt, "{0} message may not have arrived", "{0} messages may not have arrived"),
    refusal && vscode.l10n.t("Not taken by the network, the last: {0}", refusal),
  ];
  return lines.filter((line) => typeof line === "string" && line !== "") as string[];
}

function webhookLines(webhook: ListedChannel["webhook"]): (string | false | null)[] {
  if (!webhook) return [];
  const { url, pending, lastError, lastErrorAt } = webhook;
  const { plural } = editorTexts();
  return [
    vscode.l10n.t("Messages are posted to {0}", url),
    pending > 0 && plural(pending, "{0} waits to be posted", "{0} wait to be posted"),
    lastErrorAt && vscode.l10n.t("The last that could not be, at {0}: {1}", timeWords(lastErrorAt), lastError ?? ""),
  ];
}

function timeWords(time: string): string {
  return new Date(time).toLocaleTimeString(vscode.env.language);
}

function stateWord({ state, retryAt }: ListedChannel): string {
  const words: Record<ListedChannel["state"], string> = {
    off: vscode.l10n.t("off"),
    starting: vscode.l10n.t("starting"),
    connected: vscode.l10n.t("connected"),
    // Without a time it is the other process that has to end.
    waiting: retryAt === null ? vscode.l10n.t("another process runs it") : vscode.l10n.t("waiting"),
    failed: vscode.l10n.t("failed"),
    muted: vscode.l10n.t("muted"),
  };
  return words[state];
}

const ICONS: Record<ListedChannel["state"], string> = {
  off: "circle-slash",
  starting: "sync",
  connected: "pass",
  waiting: "watch",
  failed: "error",
  muted: "bell-slash",
};

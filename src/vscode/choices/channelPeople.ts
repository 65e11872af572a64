import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ListedChannel } from "../../protocol/outside/channelState.ts";
import type { Command } from "../host/command.ts";
import { askText } from "../host/askText.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import { needGateway } from "../host/window.ts";
import { channelTitle } from "../words/channelTitle.ts";

/** Asks for the code that somebody was shown in a chat, and lets them talk. */
export const acceptPairing: Command = async (window, node) => {
  const client = await needGateway(window);
  const channel = client && (await channelOf(client, node));
  if (!channel) return;
  const name = rowOf(node)?.pending?.name;
  const code = await askText({
    title: name === undefined ? vscode.l10n.t("Code of the chat") : vscode.l10n.t("Code that {0} was shown", name),
    prompt: vscode.l10n.t("Eight letters. Whoever was shown them has the agent do things on this machine."),
    missing: vscode.l10n.t("Type the code that the bot showed in the chat"),
  });
  if (code === undefined) return;
  const { person } = await client.call("channels.pair", { channel, code });
  const done = vscode.l10n.t("{0} may talk to the agent now, in a private chat.", `${person.name} (${person.id})`);
  void vscode.window.showInformationMessage(withoutLinks(done));
};

/** The code that somebody was shown is void. */
export const refusePairing: Command = async (window, node) => {
  const client = await needGateway(window);
  const chosen = client && (await personOf(client, node, ({ pending }) => pending, vscode.l10n.t("Refuse whom")));
  if (!chosen) return;
  await client.call("channels.remove", { channel: chosen.channel, person: chosen.id });
  vscode.window.setStatusBarMessage(vscode.l10n.t("{0} is refused", chosen.name ?? chosen.id), 3000);
};

/** Takes back what a code gave, after a question. */
export const removePerson: Command = async (window, node) => {
  const client = await needGateway(window);
  const paired = ({ people }: ListedChannel) => people.filter(({ by }) => by === "pairing");
  const chosen = client && (await personOf(client, node, paired, vscode.l10n.t("Remove whom")));
  if (!chosen) return;
  const remove = vscode.l10n.t("Remove");
  const question = vscode.l10n.t("Remove {0}?", chosen.name ?? chosen.id);
  const detail = vscode.l10n.t("They may not talk to the agent any more, until another code is confirmed.");
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
  await client.call("channels.remove", { channel: chosen.channel, person: chosen.id });
};

export const restartChannel: Command = async (window, node) => {
  const client = await needGateway(window);
  const channel = client && (await channelOf(client, node));
  if (!channel) return;
  await client.call("channels.restart", { channel });
  vscode.window.setStatusBarMessage(vscode.l10n.t("{0} begins anew", channelTitle(channel)), 3000);
};

interface Row {
  channel?: unknown;
  person?: { id: string; name: string | null };
  pending?: { id: string; name: string };
}

function rowOf(node: unknown): Row | undefined {
  return typeof node === "object" && node !== null ? (node as Row) : undefined;
}

/** The channel of a row, or the one that is chosen; the only one is. */
async function channelOf(client: RouteClient, node: unknown): Promise<string | undefined> {
  const given = rowOf(node)?.channel;
  if (typeof given === "string") return given;
  const { channels } = await client.call("channels.list", {});
  if (channels.length === 0) {
    const [telegram, discord] = [vscode.l10n.t("Set up Telegram"), vscode.l10n.t("Set up Discord")];
    const none = vscode.l10n.t("No channel is set up.");
    void vscode.window.showInformationMessage(none, telegram, discord).then((choice) => {
      if (choice === telegram) void vscode.commands.executeCommand("pincer.setUpTelegram");
      if (choice === discord) void vscode.commands.executeCommand("pincer.setUpDiscord");
    });
  }
  if (channels.length < 2) return channels[0]?.id;
  const items = channels.map(({ id, state }) => ({ label: channelTitle(id), description: state, id }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Which channel") }))?.id;
}

/** The person of a row, or one that is chosen from a list. */
async function personOf(
  client: RouteClient,
  node: unknown,
  listed: (channel: ListedChannel) => { id: string; name: string | null }[],
  title: string,
): Promise<{ channel: string; id: string; name: string | null } | undefined> {
  const row = rowOf(node);
  const own = row?.person ?? row?.pending;
  if (own && typeof row?.channel === "string") return { channel: row.channel, id: own.id, name: own.name };
  const { channels } = await client.call("channels.list", {});
  const items = channels.flatMap((channel) =>
    listed(channel).map(({ id, name }) => ({
      label: withoutIcons(name ?? id),
      description: [channelTitle(channel.id), id].join(" · "),
      channel: channel.id,
      id,
      name,
    })),
  );
  if (items.length > 0) return vscode.window.showQuickPick(items, { title });
  void vscode.window.showInformationMessage(vscode.l10n.t("There is nobody."));
  return undefined;
}

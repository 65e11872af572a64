import * as vscode from "vscode";
import type { Log } from "../../base/log.ts";
import type { ChannelPerson, ListedChannel } from "../../protocol/outside/channelState.ts";
import { ListedTree } from "../trees/listedTree.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { toChannelItem, toPendingItem, toPersonItem } from "./channelItem.ts";

/** A chat network, somebody who may talk there, or somebody who waits to be paired. */
export interface ChannelNode {
  channel: string;
  person?: ChannelPerson;
  pending?: ListedChannel["pending"][number];
}

/** The tree of chat networks, with their people beneath. There only where one is set up; its badge counts who waits to be paired. */
export class ChannelsView extends ListedTree<ListedChannel, ChannelNode> {
  constructor(gateway: Gateway, log: Log) {
    super(gateway, log, {
      view: "pincer.channels",
      has: "pincer.hasChannels",
      failed: vscode.l10n.t("Channels could not be listed; the log says why."),
      list: async (client) => (await client.call("channels.list", {})).channels,
    });
    this.held.add(
      gateway.onEvent(({ type }) => {
        if (type === "channel.changed" || type === "gateway.changed") void this.refresh();
      }),
    );
  }

  getChildren(node?: ChannelNode): ChannelNode[] {
    if (!node) return this.entries.map(({ id }) => ({ channel: id }));
    const { channel } = node;
    const found = node.person || node.pending ? undefined : this.#find(channel);
    const waiting = found?.pending.map((pending) => ({ channel, pending })) ?? [];
    return [...waiting, ...(found?.people.map((person) => ({ channel, person })) ?? [])];
  }

  getTreeItem({ channel, person, pending }: ChannelNode): vscode.TreeItem {
    if (person) return toPersonItem(channel, person);
    if (pending) return toPendingItem(channel, pending);
    const found = this.#find(channel);
    return found ? toChannelItem(found) : new vscode.TreeItem(channel);
  }

  protected override show(channels: readonly ListedChannel[]): void {
    super.show(channels);
    const value = channels.reduce((sum, { pending }) => sum + pending.length, 0);
    this.view.badge =
      value === 0
        ? undefined
        : { value, tooltip: editorTexts().plural(value, "{0} waits to be paired", "{0} wait to be paired") };
  }

  #find(id: string): ListedChannel | undefined {
    return this.entries.find((one) => one.id === id);
  }
}

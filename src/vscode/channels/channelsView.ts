import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { ChannelPerson, ListedChannel } from "../../protocol/channelState.ts";
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
export class ChannelsView implements vscode.TreeDataProvider<ChannelNode>, vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #view: vscode.TreeView<ChannelNode>;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #held = new Disposables();
  readonly onDidChangeTreeData = this.#changes.event;
  #channels: ListedChannel[] = [];
  #asked = 0;

  constructor(gateway: Gateway, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
    this.#view = this.#held.add(vscode.window.createTreeView("pincer.channels", { treeDataProvider: this }));
    this.#held.add(gateway.onDidChange(() => void this.refresh()));
    this.#held.add(
      gateway.onEvent(({ type }) => {
        if (type === "channel.changed" || type === "gateway.changed") void this.refresh();
      }),
    );
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    let channels: ListedChannel[] = [];
    let message: string | undefined;
    try {
      const isRunning = this.#gateway.status.state === "running";
      if (isRunning) ({ channels } = await this.#gateway.client().call("channels.list", {}));
    } catch (error) {
      this.#log.warn(`Channels could not be listed: ${describeError(error)}`);
      channels = this.#channels;
      message = vscode.l10n.t("Channels could not be listed; the log says why.");
    }
    // What was asked later knows more.
    if (asked !== this.#asked) return;
    this.#channels = channels;
    this.#view.message = message;
    this.#draw();
  }

  getChildren(node?: ChannelNode): ChannelNode[] {
    if (!node) return this.#channels.map(({ id }) => ({ channel: id }));
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

  dispose(): void {
    this.#held.dispose();
    this.#changes.dispose();
  }

  #find(id: string): ListedChannel | undefined {
    return this.#channels.find((one) => one.id === id);
  }

  #draw(): void {
    const value = this.#channels.reduce((sum, { pending }) => sum + pending.length, 0);
    const tooltip = editorTexts().plural(value, "{0} waits to be paired", "{0} wait to be paired");
    this.#view.badge = value > 0 ? { value, tooltip } : undefined;
    void vscode.commands.executeCommand("setContext", "pincer.hasChannels", this.#channels.length > 0);
    this.#changes.fire(undefined);
  }
}

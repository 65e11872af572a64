import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Gateway } from "../host/windowGateway.ts";

export interface TreeListing<Entry> {
  /** The view, "pincer.mcp". */
  view: string;
  /** The context that is true while there is something to show, "pincer.hasMcpServers". */
  has: string;
  /** What the user is told where they cannot be listed. */
  failed: string;
  list(client: RouteClient): Promise<Entry[]>;
}

/** A tree of what one route lists, drawn anew only when that changed: a tree that is drawn anew shuts the menu that is open on it. */
export abstract class ListedTree<Entry, Node> implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  protected readonly view: vscode.TreeView<Node>;
  protected readonly held = new Disposables();
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #listing: TreeListing<Entry>;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  #entries: readonly Entry[] = [];
  #told = "[]";
  #asked = 0;

  constructor(gateway: Gateway, log: Log, listing: TreeListing<Entry>) {
    this.#gateway = gateway;
    this.#log = log;
    this.#listing = listing;
    this.view = this.held.add(vscode.window.createTreeView(listing.view, { treeDataProvider: this }));
    this.held.add(gateway.onDidChange(() => void this.refresh()));
  }

  abstract getChildren(node?: Node): Node[];
  abstract getTreeItem(node: Node): vscode.TreeItem;

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    let entries = this.entries;
    let message: string | undefined;
    try {
      const isRunning = this.#gateway.status.state === "running";
      entries = isRunning ? await this.#listing.list(this.#gateway.client()) : [];
    } catch (error) {
      this.#log.warn(`The view ${this.#listing.view} could not be filled: ${describeError(error)}`);
      message = this.#listing.failed;
    }
    // What was asked later knows more.
    if (asked !== this.#asked) return;
    this.view.message = message;
    if (message === undefined) this.show(entries);
  }

  dispose(): void {
    this.held.dispose();
    this.#changes.dispose();
  }

  protected get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Shows these from now on. */
  protected show(entries: readonly Entry[]): void {
    const told = JSON.stringify(entries);
    if (told === this.#told) return;
    this.#told = told;
    this.#entries = entries;
    void vscode.commands.executeCommand("setContext", this.#listing.has, entries.length > 0);
    this.#changes.fire(undefined);
  }
}

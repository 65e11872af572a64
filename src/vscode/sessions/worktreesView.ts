import { join } from "node:path";
import * as vscode from "vscode";
import { isInside } from "../../base/files/isInside.ts";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { WorktreeState } from "../../protocol/worktree.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { toWorktreeItem } from "./worktreeItem.ts";

type WorktreeNode = { worktree: string };

// What is in each is asked of git.
const SETTLE_MS = 1000;

/** The tree of sub-agents' worktrees, with their sizes. There only where there are some. */
export class WorktreesView implements vscode.TreeDataProvider<WorktreeNode>, vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #folder: string;
  readonly #view: vscode.TreeView<WorktreeNode>;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #held = new Disposables();
  readonly onDidChangeTreeData = this.#changes.event;
  #worktrees: WorktreeState[] = [];
  #told = "[]";
  #soon: NodeJS.Timeout | undefined;

  constructor(gateway: Gateway, stateDir: string, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
    this.#folder = join(stateDir, "worktrees");
    this.#view = this.#held.add(vscode.window.createTreeView("pincer.worktrees", { treeDataProvider: this }));
    this.#held.add(gateway.onDidChange(() => void this.refresh()));
    this.#held.add(gateway.onEvent((event) => this.#take(event)));
    this.#held.add(this.#view.onDidChangeVisibility(({ visible }) => void (visible && this.refresh())));
  }

  async refresh(): Promise<void> {
    try {
      const isRunning = this.#gateway.status.state === "running";
      this.#worktrees = isRunning ? (await this.#gateway.client().call("worktrees.list", {})).worktrees : [];
      this.#view.message = undefined;
    } catch (error) {
      this.#log.warn(`Worktrees could not be listed: ${describeError(error)}`);
      this.#view.message = vscode.l10n.t("Worktrees could not be listed; the log says why.");
    }
    // A tree that is drawn anew shuts the menu that is open on it.
    const told = JSON.stringify(this.#worktrees);
    if (told === this.#told) return;
    this.#told = told;
    void vscode.commands.executeCommand("setContext", "pincer.hasWorktrees", this.#worktrees.length > 0);
    this.#changes.fire(undefined);
  }

  getChildren(node?: WorktreeNode): WorktreeNode[] {
    return node ? [] : this.#worktrees.map(({ name }) => ({ worktree: name }));
  }

  getTreeItem({ worktree }: WorktreeNode): vscode.TreeItem {
    const found = this.#worktrees.find(({ name }) => name === worktree);
    return found ? toWorktreeItem(found) : new vscode.TreeItem(worktree);
  }

  dispose(): void {
    clearTimeout(this.#soon);
    this.#held.dispose();
    this.#changes.dispose();
  }

  /** A session that works in one has begun, or rests. */
  #take(event: GatewayEvent): void {
    if (event.type !== "session.changed" || !event.session.workspace) return;
    if (isInside(this.#folder, event.session.workspace)) this.#soon ??= setTimeout(() => this.#look(), SETTLE_MS);
  }

  #look(): void {
    this.#soon = undefined;
    void this.refresh();
  }
}

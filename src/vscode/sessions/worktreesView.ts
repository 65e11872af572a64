import { join } from "node:path";
import * as vscode from "vscode";
import { isInside } from "../../base/files/isInside.ts";
import type { Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { WorktreeState } from "../../protocol/worktree.ts";
import { ListedTree } from "../trees/listedTree.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { toWorktreeItem } from "./worktreeItem.ts";

type WorktreeNode = { worktree: string };

// What is in each is asked of git.
const SETTLE_MS = 1000;

/** The tree of sub-agents' worktrees, with their sizes. There only where there are some. */
export class WorktreesView extends ListedTree<WorktreeState, WorktreeNode> {
  readonly #folder: string;
  #soon: NodeJS.Timeout | undefined;

  constructor(gateway: Gateway, stateDir: string, log: Log) {
    super(gateway, log, {
      view: "pincer.worktrees",
      has: "pincer.hasWorktrees",
      failed: vscode.l10n.t("Worktrees could not be listed; the log says why."),
      list: async (client) => (await client.call("worktrees.list", {})).worktrees,
    });
    this.#folder = join(stateDir, "worktrees");
    this.held.add(gateway.onEvent((event) => this.#take(event)));
    this.held.add(this.view.onDidChangeVisibility(({ visible }) => void (visible && this.refresh())));
  }

  getChildren(node?: WorktreeNode): WorktreeNode[] {
    return node ? [] : this.entries.map(({ name }) => ({ worktree: name }));
  }

  getTreeItem({ worktree }: WorktreeNode): vscode.TreeItem {
    const found = this.entries.find(({ name }) => name === worktree);
    return found ? toWorktreeItem(found) : new vscode.TreeItem(worktree);
  }

  override dispose(): void {
    clearTimeout(this.#soon);
    super.dispose();
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

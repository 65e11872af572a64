import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { Disposables } from "../../base/disposable.ts";
import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { fillBeside } from "../trees/fillBeside.ts";
import { focusedRow } from "../trees/focusedRow.ts";
import { toSessionItem } from "./sessionItem.ts";
import { SessionRows } from "./sessionRows.ts";
import { sessionTooltip } from "./sessionTooltip.ts";

/** A row of the tree: a session's key, the row that asks for older ones, or the one that what is archived stands beneath. */
export type SessionNode = { key: string } | { more: true } | { archive: true };

const PAGE = 50;
const REDRAW_MS = 100;
// The editor gathers changes for 200 ms before it asks for rows, and does not open a row that it knows no rows beneath.
const REVEAL_MS = 600;
const RETELL_TIMES_MS = 60_000;

/** The tree of sessions with their sub-agents beneath. */
export class SessionsView implements vscode.TreeDataProvider<SessionNode>, vscode.Disposable {
  readonly rows = new SessionRows();
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #view: vscode.TreeView<SessionNode>;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #busy = new vscode.EventEmitter<void>();
  readonly #held = new Disposables();
  /** The number of running sessions may have changed. */
  readonly onDidChangeBusy = this.#busy.event;
  readonly onDidChangeTreeData = this.#changes.event;
  /** One object per key: the tree knows its rows by identity. */
  readonly #nodes = new Map<string, SessionNode>();
  #loading: Promise<void> | undefined;
  /** Counts how often it was begun anew. */
  #begins = 0;
  #redraw: NodeJS.Timeout | undefined;
  #revealing: NodeJS.Timeout | undefined;
  /** Sub-agents that began to work and were not shown yet; each is shown once, so that what the user closes stays closed. */
  readonly #begun = new Set<string>();
  readonly #shown = new Set<string>();
  /** The session that the chat shows. */
  #followed: string | undefined;
  /** Its row is not there yet, as that of a new one. */
  #isAwaited = false;
  /** A row is about to be selected. */
  #selecting: Promise<void> | undefined;

  constructor(gateway: Gateway, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
    this.#view = this.#held.add(
      vscode.window.createTreeView("pincer.sessions", {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#held.add(gateway.onDidChange(() => this.refresh()));
    this.#held.add(gateway.onEvent((event) => this.#take(event)));
    this.#held.add(this.#view.onDidChangeVisibility(() => this.#followed && void this.select(this.#followed)));
    const times = setInterval(() => this.#view.visible && this.#changes.fire(undefined), RETELL_TIMES_MS);
    this.#held.add({ dispose: () => clearInterval(times) });
  }

  get onDidChangeVisibility(): vscode.Event<vscode.TreeViewVisibilityChangeEvent> {
    return this.#view.onDidChangeVisibility;
  }

  get selection(): readonly SessionNode[] {
    return this.#view.selection;
  }

  focused(): Promise<SessionNode | undefined> {
    return focusedRow(this.#view);
  }

  /** Selects the session that the chat shows, where the tree is in sight and knows it; the focus stays where it is. */
  async select(key: string): Promise<void> {
    this.#followed = key;
    const isDrawn = this.#redraw === undefined || this.#nodes.has(key);
    this.#isAwaited = !isDrawn || this.rows.get(key) === undefined;
    // What was asked for before may come after a click on this row: only then it is known what is selected.
    while (this.#selecting) await this.#selecting;
    if (key !== this.#followed || !this.#view.visible || this.#isAwaited) return;
    if (this.#view.selection.some((node) => "key" in node && node.key === key)) return;
    this.#selecting = this.#reveal(key);
    await this.#selecting;
    this.#selecting = undefined;
  }

  async #reveal(key: string): Promise<void> {
    try {
      await this.#view.reveal(this.#node(key), { select: true, focus: false });
    } catch (error) {
      this.#log.debug(`The session's row could not be selected: ${describeError(error)}`);
    }
  }

  /** Shows how many approvals wait, on the view's icon. */
  setWaiting(count: number): void {
    this.#view.badge =
      count === 0
        ? undefined
        : {
            value: count,
            tooltip: editorTexts().plural(count, "{0} approval waits for you", "{0} approvals wait for you"),
          };
  }

  /** Asks the gateway again from the first page. */
  refresh(): void {
    this.rows.reset();
    // Without its rows the tree has nothing selected, nor once they are there again.
    if (this.#gateway.status.state !== "running") this.#isAwaited = this.#followed !== undefined;
    this.#begins += 1;
    this.#loading = undefined;
    this.#changes.fire(undefined);
  }

  async loadMore(): Promise<void> {
    await this.#loadPage(this.rows.nextCursor);
    this.#changes.fire(undefined);
  }

  async getChildren(node?: SessionNode): Promise<SessionNode[]> {
    if (this.#gateway.status.state !== "running") return [];
    if (!node) {
      this.#loading ??= this.#loadPage(undefined);
      await this.#loading;
      return [
        ...this.rows.roots().map(({ key }) => this.#node(key)),
        ...(this.rows.hasMore ? [MORE] : []),
        ...(this.rows.archived().length > 0 ? [ARCHIVE] : []),
      ];
    }
    if ("archive" in node) return this.rows.archived().map(({ key }) => this.#node(key));
    return "key" in node ? this.rows.children(node.key).map(({ key }) => this.#node(key)) : [];
  }

  getParent(node: SessionNode): SessionNode | undefined {
    if (!("key" in node)) return undefined;
    const parent = this.rows.parent(node.key);
    if (parent) return this.#node(parent.key);
    return this.rows.get(node.key)?.archived ? ARCHIVE : undefined;
  }

  getTreeItem(node: SessionNode): vscode.TreeItem {
    if (!("key" in node)) return "more" in node ? moreItem() : archiveItem(this.rows.archived().length);
    const session = this.rows.get(node.key);
    if (!session) return new vscode.TreeItem(node.key);
    return toSessionItem(session, { children: this.rows.children(node.key), now: Date.now() });
  }

  async resolveTreeItem(item: vscode.TreeItem, node: SessionNode): Promise<vscode.TreeItem> {
    const session = "key" in node ? this.rows.get(node.key) : undefined;
    if (session && this.#gateway.status.state === "running")
      item.tooltip = await sessionTooltip(this.#gateway, session);
    return item;
  }

  dispose(): void {
    clearTimeout(this.#redraw);
    clearTimeout(this.#revealing);
    this.#held.dispose();
    this.#changes.dispose();
    this.#busy.dispose();
  }

  async #loadPage(cursor: string | undefined): Promise<void> {
    const begun = this.#begins;
    try {
      // What is pinned or archived may be older than a page.
      const marked = cursor === undefined ? [{ pinned: true }, { archived: true }] : [];
      await fillBeside(this.#gateway, {
        ask: (client) =>
          Promise.all([
            client.call("sessions.list", { limit: PAGE, archived: false, ...defined({ cursor }) }),
            ...marked.map((filter) => client.call("sessions.list", { limit: PAGE, ...filter })),
          ]),
        isWanted: () => begun === this.#begins,
        put: ([page, ...others]) => {
          for (const { sessions } of others) for (const session of sessions) this.rows.put(session);
          this.rows.addPage(page);
          this.#view.message = undefined;
        },
        take: (event) => this.#apply(event),
      });
      this.#busy.fire();
      this.#revealSoon();
    } catch (error) {
      this.#log.warn(`Sessions could not be listed: ${describeError(error)}`);
      if (begun === this.#begins) this.#view.message = vscode.l10n.t("Sessions could not be listed; the log says why.");
    }
  }

  #apply(event: GatewayEvent): void {
    if (event.type === "session.changed") this.rows.put(event.session);
    if (event.type === "session.deleted") this.rows.delete(event.sessionKey);
  }

  #take(event: GatewayEvent): void {
    if (event.type !== "session.changed" && event.type !== "session.deleted") return;
    this.#apply(event);
    if (event.type === "session.changed") {
      const { key, parentKey, state } = event.session;
      if (parentKey && state === "running" && !this.#shown.has(key)) this.#begun.add(key);
    }
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#changes.fire(undefined);
      this.#busy.fire();
      this.#revealSoon();
    }, REDRAW_MS);
  }

  #revealSoon(): void {
    const isThere = this.#isAwaited && this.rows.get(this.#followed ?? "") !== undefined;
    if (this.#begun.size > 0 || isThere) this.#revealing ??= setTimeout(() => void this.#showRows(), REVEAL_MS);
  }

  /**
   * Opens the rows above what has begun, for the tree itself keeps rows as they were when it first drew them; and selects the
   * shown session, whose row was not there before.
   */
  async #showRows(): Promise<void> {
    this.#revealing = undefined;
    const keys = [...this.#begun];
    this.#begun.clear();
    for (const key of keys) {
      this.#shown.add(key);
      // A view that is hidden would come to the front.
      const parent = this.rows.parent(key);
      if (!this.#view.visible || !parent) continue;
      try {
        await this.#view.reveal(this.#node(parent.key), { select: false, focus: false, expand: true });
      } catch (error) {
        this.#log.debug(`A sub-agent's row could not be shown: ${describeError(error)}`);
      }
    }
    if (this.#isAwaited && this.#followed !== undefined) await this.select(this.#followed);
  }

  #node(key: string): SessionNode {
    let node = this.#nodes.get(key);
    if (!node) this.#nodes.set(key, (node = { key }));
    return node;
  }
}

const MORE: SessionNode = { more: true };
const ARCHIVE: SessionNode = { archive: true };

function archiveItem(count: number): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t("Archived"), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = "pincer:archive";
  item.description = String(count);
  item.iconPath = new vscode.ThemeIcon("archive");
  item.contextValue = "archive";
  return item;
}

function moreItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t("Load more"));
  item.id = "pincer:more";
  item.iconPath = new vscode.ThemeIcon("ellipsis");
  item.contextValue = "more";
  item.command = { command: "pincer.loadMoreSessions", title: vscode.l10n.t("Load more") };
  return item;
}

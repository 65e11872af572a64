import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import { type Gateway, toSentence } from "../host/windowGateway.ts";
import { toJobItem } from "./jobItem.ts";
import { fillBeside } from "../trees/fillBeside.ts";
import { focusedRow } from "../trees/focusedRow.ts";
import { shownName, withoutLinks } from "../host/plainText.ts";
import { toSlotItem } from "./slotItem.ts";
import { editorLocale } from "./editorLocale.ts";

export interface JobNode {
  id: string;
}

/** A job, or one of its past firings. */
export type CronNode = JobNode | { fired: SlotRecord };

const REDRAW_MS = 100;
/** Past firings shown beneath a job; "Show past runs" has more. */
const FIRED = 20;

/** The tree of jobs, the next to fire first, with their past firings beneath. */
export class CronView implements vscode.TreeDataProvider<CronNode>, vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #view: vscode.TreeView<CronNode>;
  readonly #jobs = new Map<string, Job>();
  readonly #nodes = new Map<string, JobNode>();
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #held = new Disposables();
  readonly onDidChangeTreeData = this.#changes.event;
  #loading: Promise<void> | undefined;
  /** Counts how often it was begun anew. */
  #begins = 0;
  #redraw: NodeJS.Timeout | undefined;

  constructor(gateway: Gateway, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
    this.#view = this.#held.add(
      vscode.window.createTreeView("pincer.cron", {
        treeDataProvider: this,
        manageCheckboxStateManually: true,
      }),
    );
    this.#held.add(gateway.onDidChange(() => this.refresh()));
    this.#held.add(gateway.onEvent((event) => this.#take(event)));
    this.#held.add(this.#view.onDidChangeCheckboxState(({ items }) => void this.#setEnabled(items)));
  }

  job(node: JobNode): Job | undefined {
    return this.#jobs.get(node.id);
  }

  get selection(): readonly CronNode[] {
    return this.#view.selection;
  }

  focused(): Promise<CronNode | undefined> {
    return focusedRow(this.#view);
  }

  refresh(): void {
    this.#jobs.clear();
    this.#begins += 1;
    this.#loading = undefined;
    this.#changes.fire(undefined);
  }

  async getChildren(node?: CronNode): Promise<CronNode[]> {
    if (this.#gateway.status.state !== "running") return [];
    if (node) return "id" in node ? this.#listFired(node.id) : [];
    this.#loading ??= this.#load();
    await this.#loading;
    return [...this.#jobs.values()].sort(soonestFirst).map(({ id }) => this.#node(id));
  }

  getTreeItem(node: CronNode): vscode.TreeItem {
    if ("fired" in node) return toSlotItem(node.fired, editorLocale());
    const job = this.#jobs.get(node.id);
    return job ? toJobItem(job, editorLocale()) : new vscode.TreeItem(node.id);
  }

  dispose(): void {
    clearTimeout(this.#redraw);
    this.#held.dispose();
    this.#changes.dispose();
  }

  async #load(): Promise<void> {
    const begun = this.#begins;
    try {
      await fillBeside(this.#gateway, {
        ask: (client) => client.call("cron.list", {}),
        isWanted: () => begun === this.#begins,
        put: ({ jobs }) => {
          for (const job of jobs) this.#jobs.set(job.id, job);
          this.#view.message = undefined;
        },
        take: (event) => this.#apply(event),
      });
    } catch (error) {
      this.#log.warn(`Jobs could not be listed: ${describeError(error)}`);
      if (begun === this.#begins) this.#view.message = vscode.l10n.t("Jobs could not be listed; the log says why.");
    }
  }

  async #listFired(id: string): Promise<CronNode[]> {
    try {
      const { runs } = await this.#gateway.client().call("cron.runs", { id, limit: FIRED });
      return runs.map((fired) => ({ fired }));
    } catch (error) {
      this.#log.warn(`Past runs could not be listed: ${describeError(error)}`);
      return [];
    }
  }

  async #setEnabled(items: readonly [CronNode, vscode.TreeItemCheckboxState][]): Promise<void> {
    for (const [node, state] of items) {
      if (!("id" in node)) continue;
      const enabled = state === vscode.TreeItemCheckboxState.Checked;
      const job = this.#jobs.get(node.id);
      if (enabled && job?.schedule.kind === "at" && Date.parse(job.schedule.at) <= Date.now()) {
        this.#changes.fire(undefined);
        void offerEdit(job);
        continue;
      }
      try {
        await this.#gateway.client().call("cron.update", { id: node.id, patch: { enabled } });
      } catch (error) {
        // The box was ticked already, so it has to be drawn as it was.
        this.#changes.fire(undefined);
        void vscode.window.showErrorMessage(withoutLinks(toSentence(error)));
      }
    }
  }

  #apply(event: GatewayEvent): void {
    if (event.type === "job.changed") this.#jobs.set(event.job.id, event.job);
    if (event.type === "job.deleted") this.#jobs.delete(event.jobId);
  }

  #take(event: GatewayEvent): void {
    if (event.type !== "job.changed" && event.type !== "job.deleted") return;
    this.#apply(event);
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#changes.fire(undefined);
    }, REDRAW_MS);
  }

  #node(id: string): JobNode {
    let node = this.#nodes.get(id);
    if (!node) this.#nodes.set(id, (node = { id }));
    return node;
  }
}

/** A one-shot whose time has passed needs another schedule. */
async function offerEdit({ id, name }: Job): Promise<void> {
  const edit = vscode.l10n.t("Edit…");
  const told = vscode.l10n.t("The time of “{0}” has passed. Give it another schedule.", shownName(name));
  if ((await vscode.window.showWarningMessage(withoutLinks(told), edit)) === edit)
    await vscode.commands.executeCommand("pincer.editJob", { id });
}

function soonestFirst(a: Job, b: Job): number {
  return (a.nextRunAt ?? "9").localeCompare(b.nextRunAt ?? "9") || a.name.localeCompare(b.name);
}

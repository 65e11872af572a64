import * as vscode from "vscode";
import { headOf } from "../../base/cutText.ts";
import { withText, taskText } from "./jobTask.ts";
import type { Gateway } from "../host/windowGateway.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Job } from "../../protocol/job.ts";

const SCHEME = "pincer-task";
const MOST_NAMED = 80;

/** What jobs do, each as a document: what is saved there is what the job does from then on. */
export class TaskFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly #parts: vscode.Disposable[];
  /** As each was seen last, since when, and as what: a job changes in other ways, too. */
  readonly #seen = new Map<string, { text: string; mtime: number; uri: vscode.Uri }>();
  readonly onDidChangeFile = this.#changes.event;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.#parts = [
      this.#changes,
      vscode.workspace.registerFileSystemProvider(SCHEME, this, { isCaseSensitive: true }),
      gateway.onEvent((event) => {
        if (event.type === "job.changed") this.#note(event.job);
      }),
    ];
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const job = await this.#job(uri);
    const { mtime } = this.#look(job, uri);
    const size = new TextEncoder().encode(taskText(job.payload)).length;
    return { type: vscode.FileType.File, ctime: Date.parse(job.createdAt), mtime, size };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const job = await this.#job(uri);
    this.#look(job, uri);
    return new TextEncoder().encode(taskText(job.payload));
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const text = new TextDecoder().decode(content).trim();
    if (text === "") throw vscode.FileSystemError.Unavailable(vscode.l10n.t("Type what the agent should do"));
    await this.#gateway.start();
    const { id, payload } = await this.#job(uri);
    const client = await this.#client();
    this.#look((await client.call("cron.update", { id, patch: { payload: withText(payload, text) } })).job, uri);
  }

  watch(): vscode.Disposable {
    return { dispose() {} };
  }

  readDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  delete(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  rename(): never {
    throw vscode.FileSystemError.NoPermissions();
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }

  /** Of a gateway that runs, or is about to: a tab that is looked at, or opened again after a reload, starts none that was stopped. */
  async #client(): Promise<RouteClient> {
    if (this.#gateway.status.state === "starting") await this.#gateway.start();
    if (this.#gateway.status.state === "running") return this.#gateway.client();
    throw vscode.FileSystemError.Unavailable(vscode.l10n.t("The Pincer gateway is not running."));
  }

  async #job(uri: vscode.Uri): Promise<Job> {
    const [, id = ""] = uri.path.split("/");
    return (await (await this.#client()).call("cron.get", { id })).job;
  }

  #look({ id, payload, updatedAt }: Job, uri: vscode.Uri) {
    const seen = this.#seen.get(id);
    const text = taskText(payload);
    const isSame = seen?.text === text;
    const mtime = isSame ? seen.mtime : Math.max(Date.parse(updatedAt), (seen?.mtime ?? 0) + 1);
    const now = { text, mtime, uri };
    this.#seen.set(id, now);
    return now;
  }

  /** Somebody else may have changed one that is open. */
  #note(job: Job): void {
    const seen = this.#seen.get(job.id);
    if (!seen || seen.text === taskText(job.payload)) return;
    this.#look(job, seen.uri);
    this.#changes.fire([{ type: vscode.FileChangeType.Changed, uri: seen.uri }]);
  }
}

function taskUri({ id, name }: Pick<Job, "id" | "name">): vscode.Uri {
  const file = name.replace(/[\p{C}\\/:*?"<>|]+/gu, "-");
  return vscode.Uri.from({ scheme: SCHEME, path: `/${id}/${headOf(file, MOST_NAMED)}.md` });
}

/** Opens what a job does, to be changed and saved. */
export async function openTask(job: Pick<Job, "id" | "name">): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(taskUri(job)));
  vscode.window.setStatusBarMessage(vscode.l10n.t("Save it to change what the job does"), 10_000);
}

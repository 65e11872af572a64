import { join } from "node:path";
import * as vscode from "vscode";
import { describeError, type Log } from "../../base/log.ts";
import type { Output, RouteClient } from "../../client/routeClient.ts";
import type { ChangedHunk } from "../../protocol/checkpoint.ts";
import type { VirtualDocuments } from "../documents/virtualDocuments.ts";
import { HunkHints, isAt } from "./hunkHints.ts";
import { withoutLinks } from "../host/plainText.ts";
import type { Gateway } from "../host/windowGateway.ts";

interface ReviewedFile {
  runId: string;
  /** From the session's folder. */
  path: string;
  hunks: ChangedHunk[];
}

interface ReviewParts {
  gateway: Gateway;
  documents: VirtualDocuments;
  log: Log;
}

/** What runs have changed, looked through in the files themselves: each change is kept or put back alone. */
export class ChangeReview implements vscode.CodeLensProvider, vscode.Disposable {
  /** By the files' addresses, as the editor has them. */
  readonly #files = new Map<string, ReviewedFile>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #parts: ReviewParts;
  readonly #hints = new HunkHints((uri) => this.#open(uri));
  readonly #disposables: vscode.Disposable;
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    this.#disposables = vscode.Disposable.from(
      this.#changed,
      this.#hints,
      vscode.languages.registerCodeLensProvider({ scheme: "file" }, this),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        if (!this.#files.has(uri.toString())) return;
        this.#refresh(uri).catch((error: unknown) => parts.log.warn(describeError(error)));
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#files.has(document.uri.toString())) this.#hints.draw();
      }),
    );
  }

  /** All files of the session's runs from a message on, as they were before the first that changed one, and as they are. */
  async open(client: RouteClient, sessionKey: string, beforeSeq: number): Promise<void> {
    const { checkpoints } = await client.call("checkpoints.list", { sessionKey });
    const { workspace } = await client.call("session.status", { sessionKey });
    const { documents } = this.#parts;
    // A side that is not there is told by its absence: then the file was made, or is gone.
    const rows = new Map<string, [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined]>();
    this.#files.clear();
    // Oldest first: what was before the first of them is what it goes back to.
    for (const { runId } of checkpoints.filter((one) => one.beforeSeq >= beforeSeq).toReversed()) {
      const { files } = await client.call("changes.get", { runId });
      for (const { path, before, now, hunks } of files) {
        if (rows.has(path)) continue;
        const place = vscode.Uri.file(join(workspace ?? "", path));
        const isText = typeof now === "string";
        const page = (text: string | null = "") => (text === null ? undefined : documents.addOf(place, text));
        rows.set(path, [place, page(before), isText ? place : page(now)]);
        if (isText) this.#files.set(place.toString(), { runId, path, hunks });
      }
    }
    this.#tell();
    const title = vscode.l10n.t("Before the message, and now");
    await vscode.commands.executeCommand("vscode.changes", title, [...rows.values()]);
  }

  provideCodeLenses({ uri }: Pick<vscode.TextDocument, "uri">): vscode.CodeLens[] {
    return this.#open(uri).flatMap((hunk) => {
      const range = new vscode.Range(hunk.nowStart - 1, 0, hunk.nowStart - 1, 0);
      const lens = (title: string, command: string) =>
        new vscode.CodeLens(range, { title, command, arguments: [uri, hunk.id] });
      return [
        lens(vscode.l10n.t("Keep this change"), "pincer.keepChange"),
        lens(vscode.l10n.t("Put this change back"), "pincer.revertChange"),
      ];
    });
  }

  /** Keeps a change: the one that is named, or that at the cursor. */
  async keep(client: RouteClient, uri?: unknown, id?: unknown): Promise<void> {
    const chosen = await this.#choose(uri, id);
    if (!chosen) return;
    const { runId, path } = chosen.file;
    await client.call("changes.keep", { runId, path, hunks: [chosen.hunk.id] });
    await this.#refresh(chosen.uri);
  }

  /** Puts a change back; one that somebody has changed since only after a question. */
  async revert(client: RouteClient, uri?: unknown, id?: unknown): Promise<void> {
    const chosen = await this.#choose(uri, id);
    if (!chosen) return;
    const { runId, path } = chosen.file;
    const wanted = { runId, path, hunks: [chosen.hunk.id] };
    const { kept } = await client.call("changes.revert", wanted);
    const anyway = vscode.l10n.t("Put back anyway");
    const words = (why: string) => vscode.l10n.t("{0} stays as it is: {1}", path, why);
    if (kept[0]) {
      const choice = await vscode.window.showWarningMessage(words(kept[0].why), { modal: true }, anyway);
      if (choice !== anyway) return;
      const forced = await client.call("changes.revert", { ...wanted, force: true });
      if (forced.kept[0]) void vscode.window.showWarningMessage(withoutLinks(words(forced.kept[0].why)));
    }
    await this.#refresh(chosen.uri);
  }

  async #choose(given: unknown, id: unknown) {
    const editor = vscode.window.activeTextEditor;
    const named = typeof given === "string" ? vscode.Uri.parse(given) : given;
    const uri = named instanceof vscode.Uri ? named : editor?.document.uri;
    const file = uri && this.#files.get(uri.toString());
    // Lines are counted in the file as it was saved.
    if (uri && file) {
      if (!(await save(uri))) return undefined;
      await this.#refresh(uri);
    }
    const line = (editor?.selection.active.line ?? 0) + 1;
    const hunk = uri && this.#open(uri).find((one) => (typeof id === "string" ? one.id === id : isAt(one, line)));
    if (!uri || !file || !hunk) {
      void vscode.window.showInformationMessage(vscode.l10n.t("There is no change of a run at the cursor."));
      return undefined;
    }
    return { uri, file, hunk };
  }

  /** The changes to look at, by their lines in the editor: none while the file has text that is not saved. */
  #open(uri: vscode.Uri): ChangedHunk[] {
    return documentOf(uri)?.isDirty ? [] : this.#left(uri);
  }

  #left(uri: vscode.Uri): ChangedHunk[] {
    return (this.#files.get(uri.toString())?.hunks ?? []).filter(({ kept }) => !kept);
  }

  async #refresh(uri: vscode.Uri): Promise<void> {
    const file = this.#files.get(uri.toString());
    if (!file || this.#parts.gateway.status.state !== "running") return;
    const { files }: Output<"changes.get"> = await this.#parts.gateway
      .client()
      .call("changes.get", { runId: file.runId, path: file.path });
    file.hunks = files.find(({ path }) => path === file.path)?.hunks ?? [];
    this.#tell();
  }

  /** The menus and keys are there where something is left to look at. */
  #tell(): void {
    const left = [...this.#files.keys()]
      .map((address) => vscode.Uri.parse(address))
      .filter((uri) => this.#left(uri).length > 0);
    const set = (name: string, value: unknown) => void vscode.commands.executeCommand("setContext", name, value);
    set(
      "pincer.reviewed",
      left.map(({ fsPath }) => fsPath),
    );
    // In a comparison of many files the editor does not say which one has the cursor.
    set("pincer.isReviewing", left.length > 0);
    this.#hints.draw();
    this.#changed.fire();
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}

function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
}

/** Saves what is not saved yet; false where that fails, which is said. */
async function save(uri: vscode.Uri): Promise<boolean> {
  const document = documentOf(uri);
  if (!document?.isDirty || (await document.save())) return true;
  const name = vscode.workspace.asRelativePath(uri);
  void vscode.window.showWarningMessage(withoutLinks(vscode.l10n.t("{0} could not be saved.", name)));
  return false;
}

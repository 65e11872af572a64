import * as vscode from "vscode";
import type { Log } from "../../base/log.ts";
import type { Redactor } from "../../base/redact.ts";
import type { Gateway } from "./windowGateway.ts";
import type { ContextSources } from "./contextSources.ts";
import type { Host } from "../../core/ports/host.ts";
import { withoutLinks } from "./plainText.ts";
import type { ContextRef } from "../../protocol/panel/contextRef.ts";
import type { FoundAt } from "../../protocol/panel/foundAt.ts";
import type { Approval, Offer } from "../../protocol/approval.ts";
import type { Job } from "../../protocol/job.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { VirtualDocuments } from "../documents/virtualDocuments.ts";
import type { Session } from "../../protocol/session.ts";

/** The parts of this window that commands work on. */
export interface Window {
  context: vscode.ExtensionContext;
  channel: vscode.LogOutputChannel;
  log: Log;
  redactor: Redactor;
  host: Host;
  gateway: Gateway;
  sessions: {
    readonly rows: { get(key: string): Session | undefined; countBusy(): number };
    /** What is selected in the tree: rows of sessions, or others. */
    readonly selection: readonly ({ key: string } | object)[];
    /** The row that a key is meant for. */
    focused(): Promise<{ key: string } | object | undefined>;
    refresh(): void;
    loadMore(): Promise<void>;
  };
  cron: {
    /** What is selected in the tree: a job, or one of its firings. */
    readonly selection: readonly ({ id: string } | { fired: unknown })[];
    job(node: { id: string }): Job | undefined;
    /** The row that a key is meant for: a job, or one of its firings. */
    focused(): Promise<{ id: string } | { fired: unknown } | undefined>;
    refresh(): void;
  };
  worktrees: { refresh(): Promise<void> };
  chat: {
    /** The session it shows. */
    readonly sessionKey: string;
    show(sessionKey?: string): Promise<void>;
    /** Shows a session and leaves the focus where it is, as the explorer does with a file. */
    reveal(sessionKey: string): Promise<void>;
    /** Shows a message that was found, which the keyboard goes to. */
    showFound(sessionKey: string, found: FoundAt): Promise<void>;
    /** Puts text into the composer without sending it. */
    prefill(text: string, attachments?: Attachment[]): Promise<void>;
    attach(attachment: Attachment): Promise<void>;
    /** Puts a chip into the composer for something that is read when the message is sent. */
    mention(ref: ContextRef): Promise<void>;
  };
  approvals: {
    readonly count: number;
    /** Lets the user choose one of those that wait, and answer it. */
    review(): Promise<void>;
    showById(id: string): Promise<void>;
    isWaiting(id: string): boolean;
    /** Tells how many wait now. */
    onDidChange(listener: (count: number) => void): vscode.Disposable;
    answer(approval: Approval, given: Pick<Offer, "decision" | "rule">): Promise<void>;
  };
  documents: VirtualDocuments;
  /** What runs have changed, looked through change by change. */
  review: {
    open(client: RouteClient, sessionKey: string, beforeSeq: number): Promise<void>;
    keep(client: RouteClient, uri?: unknown, id?: unknown): Promise<void>;
    revert(client: RouteClient, uri?: unknown, id?: unknown): Promise<void>;
  };
  sources: ContextSources;
}

/** The running gateway's caller; when it does not run, offers to start it. Undefined when the user would rather not. */
export async function needGateway({ gateway }: Pick<Window, "gateway">): Promise<RouteClient | undefined> {
  const { state } = gateway.status;
  if (state === "stopped" || state === "error") {
    const start = vscode.l10n.t("Start gateway");
    const question = vscode.l10n.t("The Pincer gateway is not running.");
    if ((await vscode.window.showInformationMessage(question, start)) !== start) return undefined;
  }
  await startVisibly(gateway);
  return gateway.status.state === "running" ? gateway.client() : undefined;
}

/** Starts it with progress in the status bar, and says so when that fails. */
export async function startVisibly(gateway: Gateway): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Starting the Pincer gateway") };
  await vscode.window.withProgress(progress, () => gateway.start());
  const { state, message } = gateway.status;
  if (state === "restricted") {
    const reason = vscode.l10n.t(
      "Pincer runs commands and opens a local port, so it waits until you trust this folder.",
    );
    tell("showInformationMessage", reason, vscode.l10n.t("Manage workspace trust"), "workbench.trust.manage");
  } else if (state === "error") {
    tellFailure(vscode.l10n.t("The gateway could not start: {0}", message ?? ""));
  }
}

export function tellFailure(message: string): void {
  tell("showErrorMessage", message, vscode.l10n.t("Show log"), "pincer.showLog");
}

/** Shows a message with one thing to do about it. Waits for nobody: it may stay for as long as it likes. */
function tell(
  show: "showInformationMessage" | "showErrorMessage",
  message: string,
  title: string,
  command: string,
): void {
  void vscode.window[show](withoutLinks(message), title).then((choice) => {
    if (choice === title) void vscode.commands.executeCommand(command);
  });
}

import { join } from "node:path";
import * as vscode from "vscode";
import type { Output, RouteClient } from "../../client/routeClient.ts";
import type { Checkpoint } from "../../protocol/checkpoint.ts";
import { relativeTime } from "../host/relativeTime.ts";
import { type Window, needGateway } from "../host/window.ts";

/** Puts files back as they were before a run of the session in the chat: which run, what would happen, and then it. */
export async function undoRun(window: Window): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const { sessionKey } = window.chat;
  const { checkpoints } = await client.call("checkpoints.list", { sessionKey });
  const choices = checkpoints.filter(({ files }) => files.length > 0);
  if (choices.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("No run of this session has changed a file that can be put back."),
    );
    return;
  }
  const chosen = await vscode.window.showQuickPick(choices.map(toItem), {
    title: vscode.l10n.t("Undo: back to before which message?"),
    placeHolder: vscode.l10n.t("Everything from there on is put back"),
    matchOnDetail: true,
  });
  if (chosen) await confirmAndRestore(window, client, sessionKey, chosen.checkpoint);
}

function toItem(checkpoint: Checkpoint) {
  const { text, createdAt, files } = checkpoint;
  return {
    label: `$(discard) ${text.split("\n", 1)[0] || vscode.l10n.t("Without words")}`,
    description: relativeTime(Date.parse(createdAt), Date.now(), vscode.env.language),
    detail: files.map(({ path }) => path).join(", "),
    checkpoint,
  };
}

async function confirmAndRestore(
  window: Window,
  client: RouteClient,
  sessionKey: string,
  checkpoint: Checkpoint,
): Promise<void> {
  const { beforeSeq } = checkpoint;
  const plan = await client.call("checkpoints.restore", { sessionKey, beforeSeq, dryRun: true });
  const putBack = vscode.l10n.t("Put back");
  const withTalk = vscode.l10n.t("Put back, and go on before the message");
  const anyway = vscode.l10n.t("Put all back");
  const show = vscode.l10n.t("Show changes");
  const changed = plan.kept.length > 0;
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Put {0} files back as they were before “{1}”?", plan.restored.length, checkpoint.text.slice(0, 60)),
    { modal: true, detail: detailOf(plan) },
    ...(plan.restored.length > 0 ? [putBack, withTalk] : []),
    ...(changed ? [anyway] : []),
    show,
  );
  if (answer === undefined) return;
  if (answer === show) return await showChanges(window, client, checkpoint.runId);
  const how = { messages: answer === withTalk, force: answer === anyway };
  const done = await client.call("checkpoints.restore", { sessionKey, beforeSeq, ...how });
  if (done.sessionKey !== null) await window.chat.show(done.sessionKey);
  await tell(client, sessionKey, done);
}

type Plan = Output<"checkpoints.restore">;

function detailOf({ restored, kept, commands }: Plan): string {
  return [
    ...restored,
    ...kept.map(({ path, why }) => vscode.l10n.t("{0} stays as it is: {1}", path, why)),
    ...(commands.length > 0
      ? [vscode.l10n.t("What these commands changed is not put back: {0}", commands.join("; "))]
      : []),
  ].join("\n");
}

async function tell(client: RouteClient, sessionKey: string, { restored, undo }: Plan): Promise<void> {
  const back = vscode.l10n.t("Take that back");
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("{0} files are as they were before.", restored.length),
    ...(undo === null ? [] : [back]),
  );
  if (answer === back && undo !== null) await client.call("checkpoints.restore", { sessionKey, undo });
}

/** All files of a run side by side, as they were before it and as they are now. */
async function showChanges({ documents, chat }: Window, client: RouteClient, runId: string): Promise<void> {
  const { files } = await client.call("changes.get", { runId });
  const { workspace } = await client.call("session.status", { sessionKey: chat.sessionKey });
  const rows = files.map(({ path, before, now }) => [
    vscode.Uri.file(join(workspace ?? "", path)),
    documents.add(path, before ?? ""),
    documents.add(path, now ?? ""),
  ]);
  await vscode.commands.executeCommand("vscode.changes", vscode.l10n.t("Changes of the run"), rows);
}

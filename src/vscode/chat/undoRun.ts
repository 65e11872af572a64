import { join } from "node:path";
import * as vscode from "vscode";
import { isAppError } from "../../base/appError.ts";
import type { Output, RouteClient } from "../../client/routeClient.ts";
import type { Checkpoint } from "../../protocol/checkpoint.ts";
import type { Command } from "../host/command.ts";
import { relativeTime } from "../words/relativeTime.ts";
import { type Window, needGateway } from "../host/window.ts";
import { withoutLinks } from "../host/plainText.ts";
import { fitDetail } from "../documents/fitDetail.ts";
import { editorTexts } from "../words/editorTexts.ts";

/** Of files, as a notification has room for. */
const MOST_TOLD = 10;

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
  if (chosen) await goBack(window, sessionKey, chosen.checkpoint.beforeSeq);
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

/** To before a message: says what would be put back and what not, and does what is chosen. Nothing is asked while the session is at work. */
export async function goBack(window: Window, sessionKey: string, beforeSeq: number): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const plan = await client.call("checkpoints.restore", { sessionKey, beforeSeq, dryRun: true });
  if (plan.atWork) return tellAtWork(window, sessionKey, plan.atWork);
  const unsaved = await unsavedOf(client, sessionKey, plan);
  const files = vscode.l10n.t("Files");
  const both = vscode.l10n.t("Files and conversation");
  const talk = vscode.l10n.t("Conversation only");
  const all = vscode.l10n.t("All files, also those changed since");
  const show = vscode.l10n.t("Show changes");
  const isSomething = plan.restored.length > 0;
  const detail = await fitDetail(
    window.documents,
    "undo.txt",
    [...linesOf(plan), ...unsaved],
    [...countsOf(plan), ...unsaved],
  );
  const goesOn = vscode.l10n.t("Going back in the conversation opens a new session; this one stays as it is.");
  const answer = await vscode.window.showWarningMessage(
    questionOf(plan),
    { modal: true, detail: [detail, goesOn].filter(Boolean).join("\n\n") },
    ...(isSomething ? [files, both] : []),
    talk,
    ...(plan.kept.length > 0 ? [all] : []),
    ...(isSomething ? [show] : []),
  );
  if (answer === undefined) return;
  if (answer === show) return await window.review.open(client, sessionKey, beforeSeq);
  const how = { files: answer !== talk, messages: answer === both || answer === talk, force: answer === all };
  const done = await orRefused(client.call("checkpoints.restore", { sessionKey, beforeSeq, ...how }));
  if (!done) return;
  try {
    if (done.sessionKey !== null) {
      await window.chat.show(done.sessionKey);
      await writeAgain(window, client, { sessionKey, beforeSeq, fork: done.sessionKey });
    }
  } finally {
    if (how.files) await tell(client, sessionKey, done);
  }
}

function questionOf({ restored, removed = [] }: Plan): string {
  const [put, gone] = [restored.length - removed.length, removed.length];
  if (put + gone === 0) return vscode.l10n.t("Go back to before this message? There is no file to put back.");
  if (gone === 0) return vscode.l10n.t("Go back to before this message? Files that are put back: {0}", put);
  if (put === 0) return vscode.l10n.t("Go back to before this message? Files that are deleted: {0}", gone);
  return vscode.l10n.t(
    "Go back to before this message? Files that are put back: {0}, that are deleted: {1}",
    put,
    gone,
  );
}

function tellAtWork({ sessions }: Window, sessionKey: string, atWork: string): void {
  const words =
    atWork === sessionKey
      ? vscode.l10n.t("This session is at work. Stop it before you go back.")
      : vscode.l10n.t(
          "Its sub-agent {0} is at work. Stop it before you go back.",
          sessions.rows.get(atWork)?.title ?? atWork,
        );
  void vscode.window.showWarningMessage(withoutLinks(words));
}

/** Undefined where something has begun since it was asked, which is said. */
async function orRefused<T>(restoring: Promise<T>): Promise<T | undefined> {
  try {
    return await restoring;
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
    void vscode.window.showWarningMessage(withoutLinks(error.message));
    return undefined;
  }
}

/** What the editor goes on to show of files in whose place something else stands. */
async function unsavedOf(
  client: RouteClient,
  sessionKey: string,
  { restored }: Pick<Plan, "restored">,
): Promise<string[]> {
  const unsaved = new Set(vscode.workspace.textDocuments.flatMap(({ isDirty, uri }) => (isDirty ? [uri.fsPath] : [])));
  if (restored.length === 0 || unsaved.size === 0) return [];
  const { workspace } = await client.call("session.status", { sessionKey });
  return restored
    .filter((path) => unsaved.has(vscode.Uri.file(join(workspace ?? "", path)).fsPath))
    .map((path) => vscode.l10n.t("{0} has unsaved text in the editor, which is kept.", path));
}

/** Puts what a person said there into the composer of the session that goes on, as it was typed. */
async function writeAgain(
  { chat }: Window,
  client: RouteClient,
  { sessionKey, beforeSeq, fork }: { sessionKey: string; beforeSeq: number; fork: string },
): Promise<void> {
  const { messages } = await client.call("sessions.history", { sessionKey, before: beforeSeq + 1, limit: 1 });
  const [said] = messages;
  // The words that accept a plan are nobody's own, and say nothing without it.
  if (said?.role !== "user" || said.seq !== beforeSeq || said.plan !== undefined) return;
  const isToPlan =
    (await wasToPlan(client, said.runId)) &&
    (await client.call("session.status", { sessionKey: fork })).mode !== "plan";
  await chat.prefill(isToPlan ? `/plan ${said.text}` : said.text, said.attachments ?? []);
}

async function wasToPlan(client: RouteClient, runId: string): Promise<boolean> {
  try {
    return (await client.call("runs.get", { runId })).run.plan === true;
  } catch (error) {
    // What a fork has of another session is no run of its own.
    if (!isAppError(error) || error.code !== "not_found") throw error;
    return false;
  }
}

/** An older gateway does not say what is deleted, nor what is at work. */
type Plan = Omit<Restored, "removed" | "atWork"> & Partial<Pick<Restored, "removed" | "atWork">>;
type Restored = Output<"checkpoints.restore">;

function linesOf({ restored, removed = [], kept, commands, unseen }: Plan): string[] {
  const gone = new Set(removed);
  return [
    ...restored.map((path) => (gone.has(path) ? vscode.l10n.t("{0} is deleted", path) : path)),
    ...kept.map(({ path, why }) => vscode.l10n.t("{0} stays as it is: {1}", path, why)),
    ...(commands.length > 0
      ? [
          vscode.l10n.t(
            "What these commands changed outside of the folder, or in what git ignores, is not put back: {0}",
            commands.join("; "),
          ),
        ]
      : []),
    ...unseen.map((why) => vscode.l10n.t("Not put back: {0}", why)),
  ];
}

/** Of what stays, and may be lost by "all files". What is put back is counted by the question itself. */
function countsOf({ kept }: Plan): string[] {
  return kept.length === 0
    ? []
    : [editorTexts().plural(kept.length, "{0} file stays as it is.", "{0} files stay as they are.")];
}

async function tell(client: RouteClient, sessionKey: string, done: Plan): Promise<void> {
  const { restored, removed = [], undo } = done;
  const back = vscode.l10n.t("Take that back");
  const gone = new Set(removed);
  const put = restored.filter((path) => !gone.has(path));
  const words = [
    ...(put.length > 0 || removed.length === 0
      ? [vscode.l10n.t("Put back as it was: {0}", firstOf(put) || vscode.l10n.t("nothing"))]
      : []),
    ...(removed.length > 0 ? [vscode.l10n.t("Deleted: {0}", firstOf(removed))] : []),
    ...(await unsavedOf(client, sessionKey, done)),
  ];
  const answer = await vscode.window.showInformationMessage(
    withoutLinks(words.join(" · ")),
    ...(undo === null ? [] : [back]),
  );
  if (answer === back && undo !== null) await orRefused(client.call("checkpoints.restore", { sessionKey, undo }));
}

function firstOf(names: string[]): string {
  const more = names.length - MOST_TOLD;
  const rest = more > 0 ? [editorTexts().plural(more, "[{0} more file]", "[{0} more files]")] : [];
  return [...names.slice(0, MOST_TOLD), ...rest].join(", ");
}

/** Keeps, or puts back, a change of a run: the one that is named, or that at the cursor. */
export const reviewCommands: Record<string, Command> = {
  "pincer.keepChange": async (window, uri, id) => {
    const client = await needGateway(window);
    if (client) await window.review.keep(client, uri, id);
  },
  "pincer.revertChange": async (window, uri, id) => {
    const client = await needGateway(window);
    if (client) await window.review.revert(client, uri, id);
  },
};

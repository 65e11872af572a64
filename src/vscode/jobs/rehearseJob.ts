import * as vscode from "vscode";
import { visibleLine } from "../../base/text/visible.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Job } from "../../protocol/job.ts";
import type { RehearsalReport } from "../../protocol/written/rehearsal.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import type { Window } from "../host/window.ts";
import type { RehearsalWords } from "../pages/rehearsalPage.ts";

/** Begins a rehearsal and shows its session, where its approvals are; at its end offers to see what it asked. */
export async function rehearseJob(window: Window, client: RouteClient, job: Job): Promise<void> {
  const { runId, sessionKey } = await client.call("cron.rehearse", { id: job.id });
  const listening = window.gateway.onEvent((event) => {
    const isGone = event.type === "job.deleted" && event.jobId === job.id;
    const isNext = event.type === "job.changed" && event.job.id === job.id && event.job.rehearsal?.runId !== runId;
    if (isGone || isNext) listening.dispose();
    if (event.type !== "job.changed" || event.job.rehearsal?.runId !== runId) return;
    if (event.job.rehearsal.finishedAt === undefined) return;
    listening.dispose();
    void offerPage(window, event.job);
  });
  window.context.subscriptions.push(listening);
  await window.chat.show(sessionKey);
}

async function offerPage(window: Window, job: Job): Promise<void> {
  const see = vscode.l10n.t("See what it asked");
  const told = vscode.l10n.t("The rehearsal of “{0}” has ended.", visibleLine(job.name, 80));
  if ((await vscode.window.showInformationMessage(withoutLinks(told), see)) === see)
    await vscode.commands.executeCommand("pincer.showRehearsal", { id: job.id });
}

/** Shows a job's newest rehearsal on a page, and lets its person tick what the job is granted. */
export async function showRehearsal(window: Window, client: RouteClient, job: Job): Promise<void> {
  const report = await client.call("cron.rehearsal", { id: job.id });
  const name = vscode.l10n.t("Rehearsal of {0}", visibleLine(job.name, 60).replaceAll("/", " "));
  const { rehearsalPage } = await import("../pages/index.ts");
  await window.documents.openText(`${name}.md`, rehearsalPage(report, pageWords()));
  if (report.state !== "finished" || report.file !== undefined) return;
  const take = await askTake(report, withoutIcons(name));
  if (!take) return;
  const granted = await client.call("cron.grant", { id: job.id, runId: report.runId, take });
  const may = vscode.l10n.t("“{0}” may do: {1}", granted.job.name, granted.job.mayDo ?? "");
  vscode.window.setStatusBarMessage(withoutIcons(visibleLine(may, 200)), 8000);
}

/** The numbers that were ticked; undefined when it was left, or there is nothing to tick. */
async function askTake({ asked }: RehearsalReport, name: string): Promise<number[] | undefined> {
  const items = asked
    .filter(({ grants }) => grants.length > 0)
    .map(({ number, words, decision, exact, granted }) => ({
      number,
      label: withoutIcons(visibleLine(words, 200)),
      description: decisionWords(decision),
      detail: withoutIcons(visibleLine(exact, 300)),
      picked: granted || decision === "allow_job",
    }));
  if (items.length === 0) return undefined;
  const chosen = await vscode.window.showQuickPick(items, {
    title: name,
    placeHolder: vscode.l10n.t("Tick what the job may do with nobody there; nothing else is granted"),
    canPickMany: true,
    ignoreFocusOut: true,
    matchOnDetail: true,
  });
  return chosen?.map(({ number }) => number);
}

function decisionWords(decision: RehearsalReport["asked"][number]["decision"]): string {
  switch (decision) {
    case "allow":
      return vscode.l10n.t("allowed this time");
    case "allow_job":
      return vscode.l10n.t("allowed for this job");
    case "allow_session":
    case "allow_always":
      return vscode.l10n.t("allowed");
    case "deny":
      return vscode.l10n.t("denied");
    case null:
      return vscode.l10n.t("not answered");
  }
}

function pageWords(): RehearsalWords {
  return {
    title: (name) => vscode.l10n.t("Rehearsal of {0}", name),
    asked: vscode.l10n.t("What it asked"),
    nothing: vscode.l10n.t("It asked nothing: with nobody there it does the same."),
    times: (count) => vscode.l10n.t("{0} times", count),
    grant: vscode.l10n.t("Grant"),
    granted: vscode.l10n.t("Is granted"),
    ungranted: vscode.l10n.t("Cannot be granted"),
    mayDo: vscode.l10n.t("What it may do now"),
    condition: vscode.l10n.t("Its condition"),
    holds: vscode.l10n.t("holds"),
    delivery: vscode.l10n.t("What it would have delivered"),
    write: (file) => vscode.l10n.t("To grant what was allowed, write this into its entry in {0}:", file),
    goesOn: vscode.l10n.t("It goes on."),
    decision: decisionWords,
  };
}

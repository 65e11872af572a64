import * as vscode from "vscode";
import type { Job } from "../../protocol/job.ts";
import { askSchedule } from "./askSchedule.ts";
import { askTarget } from "./askTarget.ts";
import { rehearseJob, showRehearsal } from "./rehearseJob.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import { askText } from "../host/askText.ts";
import type { Command } from "../host/command.ts";
import { type Window, needGateway } from "../host/window.ts";
import { editJob, LONGEST_NAME } from "./editJob.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { pickFolder } from "../host/pickFolder.ts";
import { editorLocale } from "./editorLocale.ts";
import { openJobSource } from "./jobSource.ts";
import { shownName, withoutIcons } from "../host/plainText.ts";
import { pressedRow } from "../trees/focusedRow.ts";
import { showJob } from "./jobPanel.ts";
import { copyRunReport, showRunReport } from "./reportCommands.ts";
import { scheduleWords } from "../../schedule/scheduleWords.ts";
import { slotTime, slotWords } from "./slotItem.ts";
import { headOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";

const SHOWN_FIRINGS = 100;

export const jobCommands = {
  async "pincer.addJob"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const name = await askText({
      title: vscode.l10n.t("Add job (1/4): name"),
      placeHolder: vscode.l10n.t("Morning report"),
      missing: vscode.l10n.t("Type a name"),
      most: LONGEST_NAME,
    });
    if (name === undefined) return;
    const schedule = await askSchedule(vscode.l10n.t("Add job (2/4): when"), vscode.l10n.t("every weekday at 9"));
    if (!schedule) return;
    const message = await askText({
      title: vscode.l10n.t("Add job (3/4): what to do"),
      placeHolder: vscode.l10n.t("Summarise what changed since yesterday"),
      missing: vscode.l10n.t("Type what the agent should do"),
    });
    if (message === undefined) return;
    const sessionTarget = await askTarget(window, vscode.l10n.t("Add job (4/4): where it runs"));
    if (!sessionTarget) return;
    const isOfFolder = sessionTarget === "isolated" && workspaceFolders().length > 0;
    const workspace = isOfFolder ? await pickFolder(vscode.l10n.t("Add job: its folder")) : undefined;
    if (isOfFolder && workspace === undefined) return;
    await client.call("cron.add", {
      job: {
        name,
        schedule,
        payload: { kind: "agentTurn", message },
        sessionTarget,
        ...defined({ workspace }),
      },
    });
    await vscode.commands.executeCommand("pincer.cron.focus");
  },

  async "pincer.remindMe"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const text = await askText({
      title: vscode.l10n.t("Remind me later (1/2)"),
      prompt: vscode.l10n.t("What of"),
      missing: vscode.l10n.t("Type what to be reminded of"),
    });
    if (text === undefined) return;
    const schedule = await askSchedule(vscode.l10n.t("Remind me later (2/2): when"), "in 20 minutes");
    if (!schedule) return;
    await client.call("cron.add", {
      job: {
        name: vscode.l10n.t("Reminder: {0}", headOf(text, 80)),
        schedule,
        payload: { kind: "systemEvent", text },
        sessionTarget: "main",
        delivery: { mode: "announce" },
      },
    });
    const when = scheduleWords(schedule, editorLocale());
    vscode.window.setStatusBarMessage(vscode.l10n.t("Reminder set: {0}", when), 5000);
  },

  "pincer.showJob": showJob,
  "pincer.showRunReport": showRunReport,
  "pincer.copyRunReport": copyRunReport,

  async "pincer.runJob"(window, node) {
    const job = await jobOf(window, node);
    const client = job && (await needGateway(window));
    if (client) await client.call("cron.run", { id: job.id });
  },

  async "pincer.rehearseJob"(window, node) {
    const client = await needGateway(window);
    const job = client && ((await jobOf(window, node)) ?? (await pickJob(client)));
    if (job) await rehearseJob(window, client, job);
  },

  async "pincer.showRehearsal"(window, node) {
    const client = await needGateway(window);
    const job = client && ((await jobOf(window, node)) ?? (await pickJob(client)));
    if (job) await showRehearsal(window, client, job);
  },

  async "pincer.editJob"(window, node) {
    const job = await jobOf(window, node);
    const client = job && (await needGateway(window));
    if (!client) return;
    if (job.ownedByFile) await openJobSource(window, job);
    else await editJob(window, client, job);
  },

  async "pincer.openJobSource"(window, node) {
    const job = await jobOf(window, node);
    if (job) await openJobSource(window, job);
  },

  async "pincer.removeJob"(window, node) {
    const job = await jobOf(window, node);
    const client = job && (await needGateway(window));
    if (!client) return;
    const remove = vscode.l10n.t("Delete");
    const question = vscode.l10n.t("Delete the job “{0}”?", shownName(job.name));
    const detail = vscode.l10n.t("The sessions it made stay.");
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
    await client.call("cron.remove", { id: job.id });
  },

  // The head of a view hands over the row that has the focus, as a row's menu does: what is meant for all has a command of its own.
  "pincer.showFirings": (window) => showFirings(window),

  async "pincer.showJobFirings"(window, node) {
    const job = await jobOf(window, node);
    if (job) await showFirings(window, job);
  },

  async "pincer.showJobRuns"(window, node) {
    const job = await jobOf(window, node);
    const client = job && (await needGateway(window));
    if (!client) return;
    const { runs } = await client.call("cron.runs", { id: job.id, limit: 100 });
    const items = runs.map((slot) => ({
      label: slotTime(slot, editorLocale()),
      description: slotWords(slot),
      sessionKey: slot.sessionKey,
      ...(slot.error ? { detail: withoutIcons(slot.error) } : {}),
    }));
    const title = vscode.l10n.t("Past runs of {0}", withoutIcons(shownName(job.name)));
    const placeHolder = items.length > 0 ? vscode.l10n.t("Choose one to see its session") : vscode.l10n.t("None yet");
    const chosen = await vscode.window.showQuickPick(items, { title, placeHolder });
    if (chosen?.sessionKey) await window.chat.show(chosen.sessionKey);
  },
} satisfies Record<string, Command>;

async function showFirings(window: Window, job?: Job): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const next = await client.call("cron.next", { count: SHOWN_FIRINGS, ...(job ? { id: job.id } : {}) });
  const { firingsPage } = await import("../pages/index.ts");
  const page = firingsPage(next, editorLocale(), {
    title: vscode.l10n.t("When jobs fire"),
    retry: vscode.l10n.t("retry"),
    waiting: vscode.l10n.t("When something happens"),
    none: vscode.l10n.t("No job is on."),
  });
  await window.documents.openText(`${vscode.l10n.t("When jobs fire")}.md`, page);
}

async function pickJob(client: RouteClient): Promise<Job | undefined> {
  const { jobs } = await client.call("cron.list", {});
  const items = jobs.map((job) => ({
    label: withoutIcons(shownName(job.name)),
    description: withoutIcons(shownName(job.mayDo ?? "")),
    job,
  }));
  const placeHolder = items.length > 0 ? vscode.l10n.t("Choose a job") : vscode.l10n.t("There is no job yet");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.job;
}

/** The job of a row: of the one that the command was called on, of the focused one for a key, or from the palette of the selected one. */
async function jobOf({ cron, gateway }: Window, node: unknown): Promise<Job | undefined> {
  const row = node === undefined ? cron.selection[0] : (pressedRow(node) ?? (await cron.focused()));
  const id = typeof row === "object" && row !== null ? (row as { id?: unknown }).id : undefined;
  if (typeof id !== "string") return undefined;
  // A job's page has links to it whether or not the tree was ever drawn.
  const isUp = gateway.status.state === "running";
  return cron.job({ id }) ?? (isUp ? (await gateway.client().call("cron.get", { id })).job : undefined);
}

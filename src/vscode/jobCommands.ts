import * as vscode from "vscode";
import { parseDuration } from "./scheduleInput.ts";
import type { Command } from "./command.ts";
import { needGateway } from "./edge.ts";
import { editorLocale } from "./editorLocale.ts";
import { statusWord } from "./jobItem.ts";
import type { Job } from "../protocol/job.ts";
import { askSchedule } from "./askSchedule.ts";
import type { Edge } from "./edge.ts";
import { withoutIcons } from "./plainText.ts";
import { timeWords } from "./scheduleWords.ts";
import { workspaceFolders } from "./editorHost.ts";

export const jobCommands: Record<string, Command> = {
  async "pincer.addJob"(edge) {
    const client = await needGateway(edge);
    if (!client) return;
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t("Add job (1/4): name"),
      placeHolder: vscode.l10n.t("Morning report"),
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() ? undefined : vscode.l10n.t("Type a name")),
    });
    const schedule = name === undefined ? undefined : await askSchedule(vscode.l10n.t("Add job (2/4): schedule"));
    if (name === undefined || !schedule) return;
    const message = await vscode.window.showInputBox({
      title: vscode.l10n.t("Add job (3/4): what to do"),
      placeHolder: vscode.l10n.t("Summarise what changed since yesterday"),
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() ? undefined : vscode.l10n.t("Type what the agent should do")),
    });
    const sessionTarget = message === undefined ? undefined : await askTarget();
    if (message === undefined || !sessionTarget) return;
    const [workspace] = workspaceFolders();
    await client.call("cron.add", {
      job: {
        name: name.trim(),
        schedule,
        payload: { kind: "agentTurn", message: message.trim() },
        sessionTarget,
        ...(workspace && sessionTarget === "isolated" ? { workspace } : {}),
      },
    });
    await vscode.commands.executeCommand("pincer.cron.focus");
  },

  async "pincer.remindMe"(edge) {
    const client = await needGateway(edge);
    if (!client) return;
    const text = await vscode.window.showInputBox({
      title: vscode.l10n.t("Remind me later (1/2)"),
      prompt: vscode.l10n.t("What of"),
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() ? undefined : vscode.l10n.t("Type what to be reminded of")),
    });
    const delay = text === undefined ? undefined : await askDelay();
    if (text === undefined || delay === undefined) return;
    const time = Date.now() + delay;
    await client.call("cron.add", {
      job: {
        name: vscode.l10n.t("Reminder: {0}", text.trim().slice(0, 80)),
        schedule: { kind: "at", at: new Date(time).toISOString() },
        payload: { kind: "systemEvent", text: `Reminder for the user: ${text.trim()}` },
        sessionTarget: "main",
      },
    });
    vscode.window.setStatusBarMessage(vscode.l10n.t("Reminder set: {0}", timeWords(time, editorLocale())), 5000);
  },

  async "pincer.runJob"(edge, node) {
    const job = jobOf(edge, node);
    const client = job && (await needGateway(edge));
    if (client) await client.call("cron.run", { id: job.id });
  },

  async "pincer.removeJob"(edge, node) {
    const job = jobOf(edge, node);
    const client = job && (await needGateway(edge));
    if (!client) return;
    const remove = vscode.l10n.t("Delete");
    const question = vscode.l10n.t("Delete the job “{0}”?", job.name);
    const detail = vscode.l10n.t("The sessions it made stay.");
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
    await client.call("cron.remove", { id: job.id });
  },

  async "pincer.showJobRuns"(edge, node) {
    const job = jobOf(edge, node);
    const client = job && (await needGateway(edge));
    if (!client) return;
    const { runs } = await client.call("cron.runs", { id: job.id, limit: 100 });
    const items = runs.map(({ startedAt, status, cause, error, sessionKey }) => ({
      label: timeWords(Date.parse(startedAt), editorLocale()),
      description: [statusWord(status), cause === "schedule" ? "" : cause].filter(Boolean).join(", "),
      sessionKey,
      ...(error ? { detail: withoutIcons(error) } : {}),
    }));
    const title = vscode.l10n.t("Past runs of {0}", job.name);
    const placeHolder = items.length > 0 ? vscode.l10n.t("Choose one to see its session") : vscode.l10n.t("None yet");
    const chosen = await vscode.window.showQuickPick(items, { title, placeHolder });
    if (chosen?.sessionKey) await edge.chat.show(chosen.sessionKey);
  },
};

function jobOf({ cron }: Edge, node: unknown): Job | undefined {
  const id = typeof node === "object" && node !== null ? (node as { id?: unknown }).id : undefined;
  return typeof id === "string" ? cron.job({ id }) : undefined;
}

async function askTarget(): Promise<string | undefined> {
  const items = [
    { label: vscode.l10n.t("A new session each time"), description: vscode.l10n.t("isolated"), target: "isolated" },
    { label: vscode.l10n.t("The main session"), description: vscode.l10n.t("with its history"), target: "main" },
  ];
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Add job (4/4): where it runs") }))?.target;
}

async function askDelay(): Promise<number | undefined> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Remind me later (2/2)"),
    prompt: vscode.l10n.t("In how long"),
    value: "20 min",
    ignoreFocusOut: true,
    validateInput: (text) =>
      parseDuration(text) === undefined ? vscode.l10n.t("A duration, as in: 20 min, 2 h, 1 day") : undefined,
  });
  return typed === undefined ? undefined : parseDuration(typed);
}

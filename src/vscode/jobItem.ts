import * as vscode from "vscode";
import type { Job, JobStatus } from "../protocol/job.ts";
import { relativeTime } from "./relativeTime.ts";
import { scheduleWords, timeWords, type Locale } from "./scheduleWords.ts";

/** How a job looks in the tree: its schedule and next slot in words, its last result as the icon, on or off as a checkbox. */
export function toJobItem(job: Job, locale: Locale): vscode.TreeItem {
  const item = new vscode.TreeItem(job.name);
  item.id = job.id;
  item.description = [scheduleWords(job.schedule, locale), nextWords(job, locale)].filter(Boolean).join(" · ");
  item.iconPath = iconOf(job.lastStatus);
  item.contextValue = ["job", job.enabled ? "on" : "off", ...(job.ownedByFile ? ["file"] : ["editable"])].join(";");
  item.checkboxState = {
    state: job.enabled ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
    tooltip: job.enabled ? vscode.l10n.t("Turn off") : vscode.l10n.t("Turn on"),
  };
  item.accessibilityInformation = {
    label: [job.name, item.description, statusWord(job.lastStatus)].filter(Boolean).join(", "),
  };
  item.tooltip = jobTooltip(job, locale);
  return item;
}

function nextWords(job: Job, locale: Locale): string {
  if (!job.enabled) return vscode.l10n.t("off");
  // A job with one slot has said already when it is.
  return job.nextRunAt && job.schedule.kind !== "at"
    ? vscode.l10n.t("next {0}", timeWords(Date.parse(job.nextRunAt), locale))
    : "";
}

function jobTooltip(job: Job, locale: Locale): vscode.MarkdownString {
  const last = job.lastRunAt && relativeTime(Date.parse(job.lastRunAt), locale.now, locale.language);
  const lines = [
    `${vscode.l10n.t("Does")}: ${payloadWords(job)}`,
    `${vscode.l10n.t("Session")}: ${job.sessionTarget}`,
    ...(last ? [`${vscode.l10n.t("Last run")}: ${last}, ${statusWord(job.lastStatus)}`] : []),
    ...(job.state.lastError ? [`${vscode.l10n.t("Error")}: ${job.state.lastError}`] : []),
    ...(job.ownedByFile ? [vscode.l10n.t("Declared in openclaw.yml: change it there.")] : []),
  ];
  const tooltip = new vscode.MarkdownString();
  tooltip.appendText(job.name);
  for (const line of lines) tooltip.appendMarkdown("\n\n").appendText(line);
  return tooltip;
}

function payloadWords({ payload }: Job): string {
  if (payload.kind === "agentTurn") return payload.message;
  if (payload.kind === "systemEvent") return payload.text;
  return payload.instructions ?? vscode.l10n.t("looks around, and says nothing when there is nothing to say");
}

export function statusWord(status: JobStatus | null): string {
  if (!status) return "";
  const words: Record<JobStatus, string> = {
    ok: vscode.l10n.t("done"),
    failed: vscode.l10n.t("failed"),
    skipped: vscode.l10n.t("skipped"),
    missed: vscode.l10n.t("missed"),
    running: vscode.l10n.t("running"),
  };
  return words[status];
}

function iconOf(status: JobStatus | null): vscode.ThemeIcon {
  if (status === "ok") return new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed"));
  if (status === "failed") return new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground"));
  if (status === "running") return new vscode.ThemeIcon("loading~spin");
  if (status === "skipped") return new vscode.ThemeIcon("debug-step-over");
  if (status === "missed") return new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
  return new vscode.ThemeIcon("clock");
}

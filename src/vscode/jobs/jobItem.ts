import * as vscode from "vscode";
import { toTooltip } from "../words/tooltip.ts";
import type { Job } from "../../protocol/job.ts";
import { statusIcon, statusWord } from "./jobStatus.ts";
import { shownName } from "../host/plainText.ts";
import { relativeTime } from "../words/relativeTime.ts";
import { scheduleWords, timeWords, type Locale } from "../../schedule/scheduleWords.ts";

/**
 * How a job looks in the tree: its schedule and next slot in words, its last result as the icon, on or off as a checkbox,
 * and its past firings beneath. One of openclaw.yml says so and has no checkbox: the file decides.
 */
export function toJobItem(job: Job, locale: Locale): vscode.TreeItem {
  const hasRun = job.lastRunAt !== null || job.lastStatus !== null;
  const { None, Collapsed } = vscode.TreeItemCollapsibleState;
  const name = shownName(job.name);
  const item = new vscode.TreeItem(name, hasRun ? Collapsed : None);
  item.id = job.id;
  const owner = job.ownedByFile ? "openclaw.yml" : "";
  item.description = [scheduleWords(job.schedule, locale), nextWords(job, locale), owner].filter(Boolean).join(" · ");
  item.iconPath = statusIcon(job.lastStatus);
  item.contextValue = [
    "job",
    job.enabled ? "on" : "off",
    ...(job.ownedByFile ? ["file"] : ["editable"]),
    ...(job.rehearsal ? ["rehearsed"] : []),
  ].join(";");
  if (!job.ownedByFile) {
    item.checkboxState = {
      state: job.enabled ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: job.enabled ? vscode.l10n.t("Turn off") : vscode.l10n.t("Turn on"),
    };
  }
  item.accessibilityInformation = {
    label: [name, item.description, statusWord(job.lastStatus)].filter(Boolean).join(", "),
  };
  item.tooltip = jobTooltip(job, locale);
  return item;
}

function nextWords(job: Job, locale: Locale): string {
  if (!job.enabled) return vscode.l10n.t("off");
  if (job.state.retryAt) return vscode.l10n.t("retry {0}", timeWords(Date.parse(job.state.retryAt), locale));
  // A job with one slot has said already when it is.
  return job.nextRunAt && job.schedule.kind !== "at"
    ? vscode.l10n.t("next {0}", timeWords(Date.parse(job.nextRunAt), locale))
    : "";
}

function jobTooltip(job: Job, locale: Locale): vscode.MarkdownString {
  const last = job.lastRunAt && relativeTime(Date.parse(job.lastRunAt), locale.now, locale.language);
  const tz = job.schedule.kind === "cron" ? job.schedule.tz : undefined;
  const there = job.nextRunAt && tz && tz !== locale.timeZone;
  const lines = [
    `${vscode.l10n.t("Does")}: ${payloadWords(job)}`,
    ...(job.mayDo === undefined ? [] : [`${vscode.l10n.t("May do")}: ${job.mayDo}`]),
    ...(job.notes ?? []),
    `${vscode.l10n.t("Session")}: ${job.sessionTarget}`,
    ...(job.model ? [`${vscode.l10n.t("Model")}: ${job.model}`] : []),
    ...(there
      ? [`${vscode.l10n.t("Next there")}: ${timeWords(Date.parse(job.nextRunAt!), { ...locale, timeZone: tz })}`]
      : []),
    ...(last ? [`${vscode.l10n.t("Last run")}: ${last}, ${statusWord(job.lastStatus)}`] : []),
    ...(job.state.lastError ? [`${vscode.l10n.t("Error")}: ${job.state.lastError}`] : []),
    ...(job.ownedByFile ? [vscode.l10n.t("Declared in openclaw.yml: change it there.")] : []),
  ];
  return toTooltip([shownName(job.name), ...lines]);
}

function payloadWords({ payload }: Job): string {
  if (payload.kind === "agentTurn") return payload.message;
  if (payload.kind === "systemEvent") return payload.text;
  return payload.instructions ?? vscode.l10n.t("looks around, and says nothing when there is nothing to say");
}

import * as vscode from "vscode";
import { stateIcon } from "../trees/stateIcon.ts";
import type { JobStatus } from "../../protocol/job.ts";

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

export function statusIcon(status: JobStatus | null): vscode.ThemeIcon {
  if (status === "ok") return stateIcon("pass");
  if (status === "failed") return stateIcon("error");
  if (status === "running") return new vscode.ThemeIcon("loading~spin");
  if (status === "skipped") return new vscode.ThemeIcon("debug-step-over");
  if (status === "missed") return stateIcon("warning");
  return new vscode.ThemeIcon("clock");
}

import * as vscode from "vscode";
import type { Session, SessionState } from "../../protocol/session.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import { relativeTime } from "../words/relativeTime.ts";

export function sessionTitle(session: Pick<Session, "key" | "kind" | "title">): string {
  return session.title || (session.kind === "main" ? vscode.l10n.t("Main") : vscode.l10n.t("Untitled session"));
}

/** "running, 2 min. ago"; an idle session says only when. */
export function sessionDescription(session: Session, now: number): string {
  const when = relativeTime(Date.parse(session.updatedAt), now, vscode.env.language);
  return session.state === "idle" ? when : `${stateWord(session.state)}, ${when}`;
}

export function stateWord(state: SessionState): string {
  const words: Record<SessionState, string> = {
    idle: vscode.l10n.t("idle"),
    queued: vscode.l10n.t("queued"),
    running: vscode.l10n.t("running"),
    waiting: vscode.l10n.t("waiting for approval"),
    failed: vscode.l10n.t("failed"),
  };
  return words[state];
}

/** How a run ended. */
export function outcomeWord({ type }: Pick<RunOutcome, "type">): string {
  const words: Record<RunOutcome["type"], string> = {
    done: vscode.l10n.t("done"),
    cancelled: vscode.l10n.t("stopped"),
    timed_out: vscode.l10n.t("out of time"),
    interrupted: vscode.l10n.t("interrupted"),
    failed: vscode.l10n.t("failed"),
  };
  return words[type];
}

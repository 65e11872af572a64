import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Command } from "../host/command.ts";
import { withoutIcons } from "../host/plainText.ts";
import { outcomeWord, stateWord } from "../host/sessionWords.ts";
import { type Window, needGateway } from "../host/window.ts";

const SHOWN_RUNS = 50;

/** Opens the report of a run as Markdown: of a firing's row, of a link, or of one that is chosen. */
export const showRunReport: Command = async (window, node) => {
  const found = await reportOf(window, node);
  if (found) await window.documents.openText(`${vscode.l10n.t("Report")} ${found.runId}.md`, found.markdown);
};

export const copyRunReport: Command = async (window, node) => {
  const found = await reportOf(window, node);
  if (!found) return;
  await vscode.env.clipboard.writeText(found.markdown);
  vscode.window.setStatusBarMessage(vscode.l10n.t("The report is copied"), 4000);
};

async function reportOf(window: Window, node: unknown): Promise<{ runId: string; markdown: string } | undefined> {
  const client = await needGateway(window);
  if (!client) return undefined;
  const given = node ?? window.cron.selection[0];
  const runId = runOf(given) ?? (node === undefined ? await chooseRun(client) : undefined);
  if (runId === undefined) return undefined;
  const { markdown } = await client.call("runs.report", { runId });
  return { runId, markdown };
}

/** A run's id as it is, or that of a firing's row. */
function runOf(node: unknown): string | undefined {
  if (typeof node === "string") return node;
  if (typeof node !== "object" || node === null) return undefined;
  const { fired } = node as { fired?: { runId?: unknown } };
  return typeof fired?.runId === "string" ? fired.runId : undefined;
}

async function chooseRun(client: RouteClient): Promise<string | undefined> {
  const { runs } = await client.call("runs.list", { limit: SHOWN_RUNS });
  const items = runs.map(({ runId, sessionKey, outcome, state, createdAt }) => ({
    label: withoutIcons(sessionKey),
    description: [
      outcome ? outcomeWord(outcome) : stateWord(state === "queued" ? state : "running"),
      new Date(createdAt).toLocaleString(vscode.env.language),
    ].join(" · "),
    runId,
  }));
  const placeHolder = items.length > 0 ? vscode.l10n.t("Choose a run") : vscode.l10n.t("Nothing has run yet");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.runId;
}

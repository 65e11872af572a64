import * as vscode from "vscode";
import { toTooltip } from "../words/tooltip.ts";
import { editorTexts } from "../words/editorTexts.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { Gateway } from "../host/windowGateway.ts";
import { sessionTitle, stateWord } from "../host/sessionWords.ts";
import type { Session } from "../../protocol/session.ts";

/** What a hover tells of a session: asked of the gateway only then. */
export async function sessionTooltip(gateway: Gateway, session: Session): Promise<vscode.MarkdownString> {
  const status = await gateway.client().call("session.status", { sessionKey: session.key });
  const { usedTokens, percent } = status.context;
  const lines = [
    `${vscode.l10n.t("State")}: ${stateWord(session.state)}`,
    ...(status.lastError === null ? [] : [`${vscode.l10n.t("Last error")}: ${status.lastError}`]),
    `${vscode.l10n.t("Model")}: ${status.model}`,
    `${vscode.l10n.t("Usage")}: ${usageWords(status.usage)}`,
    `${vscode.l10n.t("Context")}: ${editorTexts().number(usedTokens)}${percent === null ? "" : ` (${Math.round(percent)} %)`}`,
    `${vscode.l10n.t("Runs")}: ${status.runs.total}${status.runs.failed > 0 ? ` (${vscode.l10n.t("{0} failed", status.runs.failed)})` : ""}`,
    ...(session.workspace ? [`${vscode.l10n.t("Folder")}: ${session.workspace}`] : []),
    `${vscode.l10n.t("Key")}: ${session.key}`,
  ];
  return toTooltip([sessionTitle(session), ...lines]);
}

/** "12,345 tokens, $0.0123"; the dollars only as far as they are known. */
function usageWords(usage: Usage): string {
  const tokens = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const words = editorTexts().t("{0} tokens", tokens);
  const cost = editorTexts().cost(usage);
  return cost === undefined ? words : `${words}, ${cost}`;
}

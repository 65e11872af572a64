import * as vscode from "vscode";
import { type Edge, needGateway } from "./edge.ts";
import type { GatewayClient } from "./routes.ts";

interface ModelItem extends vscode.QuickPickItem {
  id: string | null;
  ready: boolean;
}

/** Lets the user choose the session's model and sets it. Resolves with its id, or null when that was not done. */
export async function pickModel(edge: Edge, sessionKey: string): Promise<string | null> {
  const client = await needGateway(edge);
  if (!client) return null;
  const model = await chooseModel(client, vscode.l10n.t("Model of this session"));
  if (model === undefined) return null;
  await client.call("sessions.update", { sessionKey, model });
  return model;
}

/** A model's id, null for the configured default, or undefined when cancelled. */
export async function chooseModel(client: GatewayClient, title: string): Promise<string | null | undefined> {
  const chosen = await vscode.window.showQuickPick<ModelItem>(listItems(client), { title, matchOnDescription: true });
  if (!chosen) return undefined;
  if (chosen.ready) return chosen.id;
  const setKey = vscode.l10n.t("Set API key…");
  if ((await vscode.window.showWarningMessage(chosen.detail ?? chosen.label, setKey)) === setKey) {
    await vscode.commands.executeCommand("pincer.setApiKey", chosen.id?.split("/")[0]);
  }
  return undefined;
}

async function listItems(client: GatewayClient): Promise<ModelItem[]> {
  const { models } = await client.call("models.list", {});
  const usual = { label: vscode.l10n.t("Default"), description: vscode.l10n.t("as configured"), id: null, ready: true };
  const items = models.map(({ id, name, provider, ready, reason }): ModelItem => ({
    label: `${ready ? "" : "$(warning) "}${name}`,
    description: provider,
    id,
    ready,
    ...(ready || !reason ? {} : { detail: reason }),
  }));
  return [usual, ...items];
}

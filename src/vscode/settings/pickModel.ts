import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import { type Window, needGateway } from "../host/window.ts";
import { modelWords } from "./modelWords.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import type { RouteClient } from "../../client/routeClient.ts";

interface ModelItem extends vscode.QuickPickItem {
  id: string | null;
  ready: boolean;
  /** Why it is not ready. */
  reason?: string;
}

/** Lets the user choose the session's model and sets it. Resolves with its id, or null when that was not done. */
export async function pickModel(window: Window, sessionKey: string): Promise<string | null> {
  const client = await needGateway(window);
  if (!client) return null;
  const model = await chooseModel(client, vscode.l10n.t("Model of this session"));
  if (model === undefined) return null;
  await client.call("sessions.update", { sessionKey, model });
  return model;
}

/** A model's id, null for the configured default, or undefined when cancelled. */
export async function chooseModel(
  client: RouteClient,
  title: string,
  { withDefault = true, provider }: { withDefault?: boolean; provider?: string } = {},
): Promise<string | null | undefined> {
  const chosen = await vscode.window.showQuickPick<ModelItem>(listItems(client, withDefault, provider), {
    title,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!chosen) return undefined;
  if (chosen.ready) return chosen.id;
  const setKey = vscode.l10n.t("Set API key…");
  if ((await vscode.window.showWarningMessage(withoutLinks(chosen.reason ?? chosen.label), setKey)) === setKey) {
    await vscode.commands.executeCommand("pincer.setApiKey", chosen.id?.split("/")[0]);
  }
  return undefined;
}

/** The ids of models that are ready, or undefined when none was chosen. */
export async function chooseModels(client: RouteClient, title: string): Promise<string[] | undefined> {
  const ready = (await listItems(client, false)).filter((item) => item.ready && item.id !== null);
  const chosen = await vscode.window.showQuickPick(ready, { title, canPickMany: true, matchOnDescription: true });
  return chosen && chosen.length > 0 ? chosen.map(({ id }) => id!) : undefined;
}

async function listItems(client: RouteClient, withDefault: boolean, provider?: string): Promise<ModelItem[]> {
  const { models, default: usual } = await client.call("models.list", {});
  const first: ModelItem = {
    label: vscode.l10n.t("Default"),
    description: usual ?? vscode.l10n.t("as configured"),
    id: null,
    ready: true,
  };
  return [
    ...(withDefault ? [first] : []),
    ...models.filter((model) => provider === undefined || model.provider === provider).map(toItem),
  ];
}

function toItem(model: ModelInfo): ModelItem {
  const { id, name, provider, ready, reason = "" } = model;
  return {
    label: `${ready ? "" : "$(warning) "}${withoutIcons(name)}`,
    description: provider,
    // The rest of the reason, how to make it ready, is said when it is chosen.
    detail: withoutIcons(
      [...(ready ? [] : [reason.split(/\.\s/, 1)[0]!]), modelWords(model, editorTexts())].filter(Boolean).join(" · "),
    ),
    id,
    ready,
    reason,
  };
}

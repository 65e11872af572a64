import * as vscode from "vscode";
import { defined } from "../../base/defined.ts";
import type { Effort } from "../../protocol/context/agentPart.ts";
import { editorTexts } from "../words/editorTexts.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import { type Window, needGateway } from "../host/window.ts";
import { makeUsual } from "./usualModel.ts";
import { modelWords } from "./modelWords.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import type { RouteClient } from "../../client/routeClient.ts";

interface ModelItem extends vscode.QuickPickItem {
  id: string | null;
  ready: boolean;
  /** Why it is not ready. */
  reason?: string;
  /** What it does where it is no model. */
  act?: "effort" | "add";
}

/**
 * Lets the user choose the session's model and sets it; a star beside a model makes it the usual one of all sessions, and from here
 * the effort is chosen and a provider added. Resolves with the model's id, or null when none was chosen.
 */
export async function pickModel(window: Window, sessionKey: string): Promise<string | null> {
  const client = await needGateway(window);
  if (!client) return null;
  const [{ models, default: usual }, status] = await Promise.all([
    client.call("models.list", {}),
    client.call("session.status", { sessionKey }),
  ]);
  const { chosen, star } = await ask({ models, usual, now: status.model, effort: status.effort });
  if (chosen === undefined) return null;
  if (chosen.act === "add") await vscode.commands.executeCommand("pincer.setUpModel");
  if (chosen.act === "effort") await pickEffort(client, sessionKey, status.effort);
  if (chosen.act !== undefined) return null;
  if (!chosen.ready) return offerKey(chosen);
  if (star) return chosen.id === null ? null : ((await makeUsual(window, client, chosen.id)) ?? null);
  await client.call("sessions.update", { sessionKey, model: chosen.id });
  return chosen.id;
}

interface Asked {
  models: ModelInfo[];
  usual: string | null;
  now: string;
  effort: Effort | null;
}

/** `star`: it was chosen for all sessions. */
function ask(asked: Asked): Promise<{ chosen?: ModelItem; star?: boolean }> {
  const picker = vscode.window.createQuickPick<ModelItem>();
  picker.title = vscode.l10n.t("Model of this session");
  picker.placeholder = vscode.l10n.t("Name, maker, price or what it can do");
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.items = sessionItems(asked);
  picker.activeItems = picker.items.filter(({ id }) => id === asked.now).slice(0, 1);
  return new Promise((resolve) => {
    const end = (answer: { chosen?: ModelItem; star?: boolean }): void => {
      resolve(answer);
      picker.dispose();
    };
    picker.onDidTriggerItemButton(({ item }) => end({ chosen: item, star: true }));
    picker.onDidAccept(() => end(defined({ chosen: picker.selectedItems[0] })));
    picker.onDidHide(() => end({}));
    picker.show();
  });
}

/** The models by provider, what is ready first; then what else can be done here. */
function sessionItems({ models, usual, now, effort }: Asked): ModelItem[] {
  const star = { iconPath: new vscode.ThemeIcon("star-empty"), tooltip: vscode.l10n.t("Use it in all sessions") };
  const mark = (model: ModelInfo): ModelItem => {
    const item = toItem(model);
    const marks = [
      ...(model.id === now ? [vscode.l10n.t("now")] : []),
      ...(model.id === usual ? [vscode.l10n.t("usual")] : []),
    ];
    return {
      ...item,
      label: `${model.id === now ? "$(check) " : ""}${item.label}`,
      description: [model.provider, ...marks].join(" · "),
      buttons: model.ready && model.id !== usual ? [star] : [],
    };
  };
  const groups = Map.groupBy(
    models.toSorted((a, b) => Number(b.ready) - Number(a.ready)),
    ({ provider }) => provider,
  );
  const thinks = models.find(({ id }) => id === now)?.thinking ?? false;
  const other = { id: null, ready: true };
  return [
    { ...other, label: vscode.l10n.t("Default"), description: usual ?? vscode.l10n.t("as configured") },
    ...[...groups].flatMap(([provider, own]) => [separator(provider), ...own.map(mark)]),
    separator(""),
    ...(thinks
      ? [
          {
            ...other,
            act: "effort" as const,
            label: `$(lightbulb) ${vscode.l10n.t("How long it thinks…")}`,
            description: effortWord(effort),
          },
        ]
      : []),
    {
      ...other,
      act: "add" as const,
      label: `$(add) ${vscode.l10n.t("Add a provider…")}`,
      detail: vscode.l10n.t("A key, Ollama, LM Studio, OpenRouter, any compatible address, the editor's own models"),
    },
  ];
}

function separator(label: string): ModelItem {
  return { label, kind: vscode.QuickPickItemKind.Separator, id: null, ready: false };
}

async function pickEffort(client: RouteClient, sessionKey: string, now: Effort | null): Promise<void> {
  const efforts = ([null, "low", "medium", "high"] as const).map((effort) => ({
    label: `${effort === now ? "$(check) " : ""}${effortWord(effort)}`,
    effort,
  }));
  const chosen = await vscode.window.showQuickPick(efforts, { title: vscode.l10n.t("How long it thinks") });
  if (chosen) await client.call("sessions.update", { sessionKey, effort: chosen.effort });
}

function effortWord(effort: Effort | null): string {
  if (effort === null) return vscode.l10n.t("As the model does by itself");
  return { low: vscode.l10n.t("Short"), medium: vscode.l10n.t("Medium"), high: vscode.l10n.t("Long") }[effort];
}

async function offerKey({ id, label, reason = "" }: ModelItem): Promise<null> {
  const setKey = vscode.l10n.t("Set API key…");
  if ((await vscode.window.showWarningMessage(withoutLinks(reason || label), setKey)) === setKey)
    await vscode.commands.executeCommand("pincer.setApiKey", id?.split("/")[0]);
  return null;
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
  await offerKey(chosen);
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

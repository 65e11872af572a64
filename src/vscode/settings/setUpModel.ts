import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import { needGateway, type Window } from "../host/window.ts";
import { keyProviders, type KeyProvider, offerOf } from "./keyCheck.ts";
import { storeKey } from "./keyCommands.ts";
import { findLocalServers, type ModelServer } from "./modelServers.ts";
import { connectServer } from "./connectServer.ts";
import { chooseModel } from "./pickModel.ts";
import { makeUsual } from "./usualModel.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import type { RouteClient } from "../../client/routeClient.ts";

/** Something that can answer, or could with a key or an address. */
interface Source extends vscode.QuickPickItem {
  /** Resolves with the id of the model that is the usual one now; undefined when cancelled. */
  use?(): Promise<string | undefined>;
}

/**
 * Lets the user choose what is to answer: a model that is ready, a server that runs on this machine, a provider whose key is
 * asked for, or an address. What was chosen becomes the usual model, and the chat opens.
 */
export async function setUpModel(window: Window): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const chosen = await vscode.window.showQuickPick(listSources(window, client), {
    title: vscode.l10n.t("Set up a model"),
    placeHolder: vscode.l10n.t("What shall answer?"),
    matchOnDescription: true,
  });
  const model = await chosen?.use?.();
  if (model === undefined) return;
  await window.chat.show();
  const another = vscode.l10n.t("Choose another");
  const done = withoutLinks(vscode.l10n.t("{0} answers from now on.", model));
  void vscode.window.showInformationMessage(done, another).then(async (choice) => {
    if (choice === undefined) return;
    const other = await chooseModel(client, vscode.l10n.t("Usual model"), { withDefault: false });
    if (typeof other === "string") await makeUsual(window, client, other);
  });
}

/** For a provider that is no built-in one, one of its models must be chosen as well: its key alone changes nothing. */
async function useKeyProvider(window: Window, client: RouteClient, provider: KeyProvider): Promise<string | undefined> {
  const { models, default: usual } = await client.call("models.list", { refresh: true });
  const own = models.filter((model) => model.provider === provider.id && model.ready);
  if (usual?.startsWith(`${provider.id}/`) && own.length > 0) return usual;
  if (!provider.server && own.length === 0) {
    const reason = models.find((model) => model.provider === provider.id)?.reason ?? "";
    const message = vscode.l10n.t(
      "The {0} key is stored, but none of its models is ready. {1}",
      provider.title,
      reason,
    );
    void vscode.window.showWarningMessage(withoutLinks(message));
    return undefined;
  }
  if (!provider.server) return makeUsual(window, client, own[0]!.id);
  return connectServer(window, client, { id: provider.id, baseUrl: provider.server.baseUrl });
}

async function listSources(window: Window, client: RouteClient): Promise<Source[]> {
  const [{ models }, { providers }, local] = await Promise.all([
    client.call("models.list", {}),
    client.call("models.providers", {}),
    findLocalServers(editorTexts()),
  ]);
  const ready = models.filter((model) => model.ready && model.provider !== "offline");
  const groups = Map.groupBy(ready, (model) => model.provider);
  const keyOf = (id: string) => providers.find((provider) => provider.id === id)?.key;
  const known = new Set([...groups.keys(), ...providers.filter(({ key }) => key).map(({ id }) => id)]);
  return [
    ...underHeading(
      vscode.l10n.t("Ready"),
      [...groups].map(([id, own]) => ({
        label: `$(check) ${titleOf(id)}`,
        description: [describeKey(keyOf(id)), countModels(own.length)].filter(Boolean).join(" · "),
        use: () => useReady(window, client, own),
      })),
    ),
    ...underHeading(
      vscode.l10n.t("Running on this machine"),
      local.filter((server) => !known.has(server.id)).map((server) => toLocal(window, client, server)),
    ),
    ...underHeading(
      vscode.l10n.t("With an API key"),
      keyProviders
        .filter(({ id }) => !known.has(id))
        .map((provider) => ({
          label: `$(key) ${provider.title}`,
          description: offerOf(provider, editorTexts()),
          use: async () => ((await storeKey(window, provider)) ? useKeyProvider(window, client, provider) : undefined),
        })),
    ),
    ...underHeading(vscode.l10n.t("Elsewhere"), [
      {
        label: `$(server) ${vscode.l10n.t("Another server…")}`,
        description: vscode.l10n.t("any address that speaks chat completions"),
        use: () => connectServer(window, client),
      },
    ]),
  ];
}

function underHeading(label: string, sources: Source[]): Source[] {
  return sources.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...sources];
}

function toLocal(window: Window, client: RouteClient, server: ModelServer): Source {
  return {
    label: `$(vm-running) ${server.title}`,
    description: [server.baseUrl, countModels(server.models.length)].join(" · "),
    use: () => connectServer(window, client, server),
  };
}

async function useReady(window: Window, client: RouteClient, own: ModelInfo[]): Promise<string | undefined> {
  if (own.length === 1) return makeUsual(window, client, own[0]!.id);
  const { provider } = own[0]!;
  const chosen = await chooseModel(client, vscode.l10n.t("Usual model"), { withDefault: false, provider });
  return typeof chosen === "string" ? makeUsual(window, client, chosen) : undefined;
}

function titleOf(id: string): string {
  if (id === "vscode") return vscode.l10n.t("Models of the editor");
  const provider = keyProviders.find((known) => known.id === id);
  return provider ? `${provider.title} (${offerOf(provider, editorTexts())})` : withoutIcons(id);
}

function describeKey(key: { from: string; name?: string | undefined } | null | undefined): string | undefined {
  if (!key) return undefined;
  if (key.from === "environment") return vscode.l10n.t("key in {0}", key.name ?? "");
  return key.from === "stored" ? vscode.l10n.t("stored key") : vscode.l10n.t("key in {0}", key.from);
}

function countModels(count: number): string {
  return editorTexts().plural(count, "{0} model", "{0} models");
}

import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { cancellable } from "./cancellable.ts";
import type { Command } from "../host/command.ts";
import { type Window, startVisibly, tellFailure } from "../host/window.ts";
import { toSentence } from "../host/windowGateway.ts";
import { channelTitle } from "../words/channelTitle.ts";
import { configFiles, takeOutKeyOf } from "./keyInFile.ts";
import { untilReadAgain } from "./usualModel.ts";
import { forgetSecret, listStored, rememberKey, secretName, shareKey, untilToldBeside } from "./storedKeys.ts";
import {
  checkKey,
  keyHolders,
  type KeyCheck,
  keyProviders,
  type KeyProvider,
  offerOf,
  searchKeys,
} from "./keyCheck.ts";

export const keyCommands: Record<string, Command> = {
  async "pincer.setApiKey"(window, provider) {
    await setApiKey(window, typeof provider === "string" ? provider : undefined);
  },

  /** Out of a workspace's file, where all may read it, into the editor's secret storage. */
  async "pincer.moveApiKey"(window, path, provider) {
    if (typeof path !== "string" || typeof provider !== "string") return;
    let isMoved = true;
    const key = await takeOutKeyOf(vscode.Uri.file(path), provider, async (found) => {
      window.redactor.add(found);
      const only = vscode.l10n.t("Take it out only");
      const choice = (await hasAnother(window, provider, found)) ? await askWhichKey(provider, only) : undefined;
      if (choice === null) return false;
      isMoved = choice !== only;
      if (isMoved) await rememberKey(window, provider, found);
      return true;
    });
    if (key === undefined) return;
    void vscode.window.showInformationMessage(
      isMoved
        ? vscode.l10n.t(
            "The {0} key is in the editor's secret storage now. If the file was shared, make a new key.",
            provider,
          )
        : vscode.l10n.t("The {0} key was taken out of the file. Yours is as it was.", provider),
    );
  },

  async "pincer.removeApiKey"(window) {
    const stored = await listStored(window);
    if (stored.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("No API key is stored in this editor."));
      return;
    }
    const items = stored.map((secret) => ({ label: secret.title, secret }));
    const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Remove API key") });
    if (!chosen) return;
    await forgetSecret(window, chosen.secret);
    const { channel } = chosen.secret;
    const done =
      channel === undefined
        ? vscode.l10n.t("The {0} key was removed.", chosen.label)
        : vscode.l10n.t("The token of the {0} bot was removed.", channelTitle(channel));
    void vscode.window.showInformationMessage(done);
    if (channel !== undefined) await leaveBot(window, channel);
  },
};

/** Whether the user has a key of that provider that is not this one, stored or in the environment. */
async function hasAnother({ gateway, host }: Window, provider: string, key: string): Promise<boolean> {
  const stored = await host.secret(secretName(provider));
  if (stored !== undefined) return stored !== key;
  if (gateway.status.state !== "running") return false;
  const { providers } = await gateway.client().call("models.providers", {});
  return providers.find(({ id }) => id === provider)?.key?.from === "environment";
}

/** Anybody may have written the file: it does not choose by itself whose account all sessions use. Null when dismissed. */
async function askWhichKey(provider: string, only: string): Promise<string | null> {
  const replace = vscode.l10n.t("Replace yours");
  const question = vscode.l10n.t("You have another {0} key. Shall the one of this file take its place?", provider);
  const detail = vscode.l10n.t("It would be used in all sessions, in every folder, and yours would be used no more.");
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, only, replace)) ?? null;
}

/** Asks for a provider's key and stores it once the provider has accepted it. Leaves all as it was when cancelled. */
export async function setApiKey(window: Window, id?: string): Promise<void> {
  const provider = keyHolders.find((known) => known.id === id) ?? (await chooseProvider());
  if (!provider) return;
  const check = await storeKey(window, provider);
  if (!check) return;
  if (await isHidden(window, provider)) {
    // Not awaited: the message may stay for as long as it likes.
    offerStoredKey(window, provider).catch((error: unknown) => tellFailure(toSentence(error)));
    return;
  }
  if (provider.search && !(await isChosen(window, provider))) {
    void offerEngine(provider);
    return;
  }
  const openChat = vscode.l10n.t("Open chat");
  const done = check.ok
    ? vscode.l10n.t("The {0} key works and is stored.", provider.title)
    : vscode.l10n.t("The {0} key is stored, unchecked.", provider.title);
  // Not awaited: the message may stay for as long as it likes.
  void vscode.window.showInformationMessage(done, openChat).then((choice) => (choice ? window.chat.show() : undefined));
}

/** What its provider said of the key that was stored; undefined when none was. */
export async function storeKey(window: Window, provider: KeyProvider): Promise<KeyCheck | undefined> {
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t("{0} API key", provider.title),
    prompt: vscode.l10n.t("Kept in the editor's secret storage. Made at {0}", provider.keysUrl),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim().length >= 8 ? undefined : vscode.l10n.t("Paste the whole key")),
  });
  if (key === undefined) return undefined;
  window.redactor.add(key.trim());
  const title = vscode.l10n.t("Checking the {0} key", provider.title);
  const check = await cancellable(title, async (signal) =>
    checkKey(editorTexts(), provider, key.trim(), await configuredAddress(window, provider), signal),
  );
  if (!check || !(await isAccepted(provider, check))) return undefined;
  await rememberKey(window, provider.id, key.trim());
  if (window.gateway.status.state === "stopped" || window.gateway.status.state === "error")
    await startVisibly(window.gateway);
  await shareKey(window, provider);
  return check;
}

/** What runs it has the token still, and is to find that it is gone. Where no such channel is set up, none runs it. */
async function leaveBot(window: Window, channel: string): Promise<void> {
  await untilToldBeside(window);
  const { gateway } = window;
  if (gateway.status.state !== "running") return;
  const { channels } = await gateway.client().call("channels.list", {});
  if (channels.some(({ id }) => id === channel)) await gateway.client().call("channels.restart", { channel });
}

async function isAccepted(provider: KeyProvider, check: KeyCheck): Promise<boolean> {
  if (check.ok) return true;
  if (check.refused) {
    void vscode.window.showErrorMessage(
      vscode.l10n.t("{0} refused the key ({1}). Nothing was stored.", provider.title, check.message),
    );
    return false;
  }
  const store = vscode.l10n.t("Store anyway");
  const message = vscode.l10n.t("The {0} key could not be checked: {1}", provider.title, check.message);
  return (await vscode.window.showWarningMessage(message, store)) === store;
}

interface Configured {
  baseUrl?: unknown;
  apiKey?: unknown;
}

/** What openclaw.yml says of a provider, or of the engine that it names. */
async function configured({ gateway }: Window, { id, search }: KeyProvider): Promise<Configured | undefined> {
  if (gateway.status.state !== "running") return undefined;
  const { config } = await gateway.client().call("config.get", {});
  const all = config as {
    providers?: Record<string, Configured>;
    foreignProviders?: string[];
    search?: Configured & { backend: string };
  };
  if (search) return all.search?.backend === id ? all.search : undefined;
  // What a folder's file says of it concerns no key of the user's.
  return all.foreignProviders?.includes(id) ? undefined : all.providers?.[id];
}

/** The provider's address in openclaw.yml, when it has one of its own there. */
async function configuredAddress(window: Window, provider: KeyProvider): Promise<string | undefined> {
  const address = (await configured(window, provider))?.baseUrl;
  return typeof address === "string" ? address : undefined;
}

/** Whether the agent searches with it. Where nothing runs that cannot be told, and nothing is said. */
async function isChosen(window: Window, provider: KeyProvider): Promise<boolean> {
  return window.gateway.status.state !== "running" || (await configured(window, provider)) !== undefined;
}

/** Says what openclaw.yml has to say for the key to be used. */
async function offerEngine({ id, title }: KeyProvider): Promise<void> {
  const open = vscode.l10n.t("Open configuration");
  const entry = `search: { backend: ${id} }`;
  const message = vscode.l10n.t(
    "The {0} key is stored. The agent searches with it once openclaw.yml says {1}.",
    title,
    entry,
  );
  if ((await vscode.window.showInformationMessage(message, open)) === open)
    await vscode.commands.executeCommand("pincer.openConfiguration");
}

/** Whether openclaw.yml names a key of its own, which goes before the stored one. */
async function isHidden(window: Window, provider: KeyProvider): Promise<boolean> {
  const { id, search } = provider;
  const { gateway } = window;
  if (gateway.status.state !== "running") return false;
  if (search) return Boolean((await configured(window, provider))?.apiKey);
  const { providers } = await gateway.client().call("models.providers", {});
  return providers.find((provider) => provider.id === id)?.key?.from === "openclaw.yml";
}

/** Says which key is used, and offers to take the other one out of the file that holds it. */
async function offerStoredKey(window: Window, provider: KeyProvider): Promise<void> {
  const { id, title, search } = provider;
  const remove = vscode.l10n.t("Use the stored key");
  const open = vscode.l10n.t("Open configuration");
  const message = vscode.l10n.t(
    "The {0} key is stored, but openclaw.yml names another one, and that is the one in use.",
    title,
  );
  const choice = await vscode.window.showWarningMessage(message, ...(search ? [open] : [remove, open]));
  if (choice === open) await vscode.commands.executeCommand("pincer.openConfiguration");
  if (choice !== remove) return;
  window.gateway.app?.refuseGone();
  for (const uri of configFiles(window)) {
    if ((await takeOutKeyOf(uri, id)) === undefined) continue;
    await untilReadAgain(window);
    if (await isHidden(window, provider)) continue;
    void vscode.window.showInformationMessage(vscode.l10n.t("The stored {0} key is in use now.", title));
    return;
  }
  // A reference to the environment, a file of another machine or window, or one with a fault.
  await vscode.commands.executeCommand("pincer.openConfiguration");
}

async function chooseProvider(): Promise<KeyProvider | undefined> {
  // A server's key says nothing without a model of it, which "Set up a model" asks for.
  const items = [...keyProviders.filter(({ server }) => !server), ...searchKeys].map((provider) => ({
    label: provider.title,
    description: offerOf(provider, editorTexts()),
    provider,
  }));
  const title = vscode.l10n.t("Set API key: provider");
  // As what it asks next: whoever looks for the key elsewhere finds the question again.
  return (await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true }))?.provider;
}

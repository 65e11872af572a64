import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as vscode from "vscode";
import { CHANNELS } from "../../protocol/outside/channelNames.ts";
import { listSecretNames, noteSecret } from "../host/vault.ts";
import type { Window } from "../host/window.ts";
import { channelTitle } from "../words/channelTitle.ts";
import { keyHolders, type KeyProvider } from "./keyCheck.ts";

type Places = Pick<Window, "context" | "host">;

/** Where the host looks for a provider's key. */
export function secretName(id: string): string {
  return id + KEY;
}

/** Keeps a key in the editor's secret storage. */
export async function rememberKey({ context }: Pick<Places, "context">, id: string, key: string): Promise<void> {
  await context.secrets.store(secretName(id), key);
  await noteSecret(context, secretName(id));
}

/** Whose key a secret of this name is; none of any other secret. */
function providerOf(name: string): string[] {
  return name.endsWith(KEY) ? [name.slice(0, -KEY.length)] : [];
}

/** What is stored for somebody: a provider's key, or the token of a bot. */
export interface StoredSecret {
  name: string;
  /** Whose it is, as its provider is called; of a bot's token what it is. */
  title: string;
  /** The chat network of the bot. */
  channel?: string;
}

/** The names of all that is in the editor's secret storage. */
export function listNames({ context }: Pick<Places, "context">): Promise<string[]> {
  return listSecretNames(context, [
    ...keyHolders.map(({ id }) => secretName(id)),
    ...CHANNELS.map((channel) => `${channel}.token`),
  ]);
}

/** Out of the secret storage, and out of secrets.json where it is there as well. */
export async function forgetSecret({ context, host }: Places, { name }: Pick<StoredSecret, "name">): Promise<void> {
  await context.secrets.delete(name);
  await (await openFile(host)).delete(name);
}

/** The keys and tokens that are stored, in this editor or in secrets.json. */
export async function listStored({ context, host }: Places): Promise<StoredSecret[]> {
  // Of every profile: the editor's secrets are its own, and no profile's.
  const stored = new Set([...(await listNames({ context })), ...(await openFile(host)).names()]);
  const ids = new Set([...keyHolders.map(({ id }) => id), ...[...stored].flatMap(providerOf)]);
  const keys = [...ids].map((id) => ({
    name: secretName(id),
    title: keyHolders.find((known) => known.id === id)?.title ?? id,
  }));
  const tokens = CHANNELS.map((channel) => ({
    name: `${channel}.token`,
    title: vscode.l10n.t("Token of the {0} bot", channelTitle(channel)),
    channel,
  }));
  return [...keys, ...tokens].filter(({ name }) => stored.has(name));
}

/**
 * Where another program runs the gateway, which cannot see this editor's secret storage, offers to keep the key in the
 * state folder's secrets.json as well. A model provider's `id` is known to the gateway by now.
 */
export async function shareKey(window: Window, { id, search }: Pick<KeyProvider, "id" | "search">): Promise<void> {
  const { gateway, context, host } = window;
  if (gateway.status.state !== "running" || gateway.status.role !== "client") return;
  const key = await context.secrets.get(secretName(id));
  if (key === undefined || (await (search ? isInReach(window, id, key) : isFound(window, id)))) return;
  const path = join(host.stateDir, "secrets.json");
  const keep = vscode.l10n.t("Keep it there too");
  const question = vscode.l10n.t("Another program runs the gateway, and it cannot see this editor's secret storage.");
  const detail = vscode.l10n.t(
    "Keep the key in {0} as well? Only you can read that file, and every gateway of yours finds it.",
    path,
  );
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, keep)) !== keep) return;
  await (await openFile(host)).set(secretName(id), key);
}

/** Resolves when a gateway that another window of this editor runs has been told of what was stored or forgotten here. */
export async function untilToldBeside(window: Window): Promise<void> {
  if (isLedBeside(window)) await setTimeout(TOLD_MS);
}

/** Whether another window of this editor runs the gateway. It has the same secrets. */
export function isLedBeside({ gateway, host }: Pick<Window, "gateway" | "host">): boolean {
  const { status, app } = gateway;
  return status.state === "running" && status.role === "client" && app?.leader === host.name;
}

/** Whether the gateway says that it has a key of this provider; one of this editor has some time to be told of it. */
async function isFound(window: Window, id: string): Promise<boolean> {
  for (let left = isLedBeside(window) ? TRIES : 1; left > 0; left--) {
    const { providers } = await window.gateway.client().call("models.providers", {});
    if (providers.find((provider) => provider.id === id)?.key !== null) return true;
    if (left > 1) await setTimeout(AGAIN_MS);
  }
  return false;
}

/** Whether a gateway that does not tell of such keys can find this one. */
async function isInReach(window: Window, id: string, key: string): Promise<boolean> {
  return isLedBeside(window) || (await openFile(window.host)).get(secretName(id)) === key;
}

async function openFile({ stateDir }: Pick<Window["host"], "stateDir">) {
  const { openSecrets } = await import("../../app.ts");
  return openSecrets(stateDir);
}

const KEY = ".apiKey";
// VS Code keeps what is stored for 100 ms before it tells of it, and collects for 100 ms what it tells its other windows.
const TOLD_MS = 1_000;
const AGAIN_MS = 200;
const TRIES = 15;

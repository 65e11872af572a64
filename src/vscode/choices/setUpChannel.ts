import type { ChannelName } from "../../protocol/outside/channelNames.ts";
import { join } from "node:path";
import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ListedChannel } from "../../protocol/outside/channelState.ts";
import { openOutside } from "../documents/openOutside.ts";
import { withoutLinks } from "../host/plainText.ts";
import { needGateway, type Window } from "../host/window.ts";
import { cancellable } from "../settings/cancellable.ts";
import { isLedBeside, untilToldBeside } from "../settings/storedKeys.ts";
import { writableConfigFile } from "../settings/keyInFile.ts";
import { channelTitle } from "../words/channelTitle.ts";
import type { BotCheck } from "./botCheck.ts";

/** A chat network as it is set up. */
export interface SetUpNetwork {
  id: ChannelName;
  /** Where its tokens are to be had. */
  prompt: string;
  example: string;
  isToken(text: string): boolean;
  /** Asks which bot the token is for. */
  check(token: string, options: { apiRoot: string | undefined; signal: AbortSignal }): Promise<BotCheck>;
  /** Where one meets the bot, and the words for it. */
  meet(bot: { id: string; name: string }): { url: string; label: string };
}

// The gateway reads its configuration once nobody has written into it for a while, and then asks the network.
const LONGEST_MS = 15_000;

/**
 * Asks for a bot's token, tries it, keeps it in the editor's secret storage, names the channel in the user's openclaw.yml, and says how to
 * be paired. Leaves all as it was when cancelled, and when the file cannot be written.
 */
export async function setUpChannel(window: Window, network: SetUpNetwork): Promise<void> {
  const { id } = network;
  const name = channelTitle(id);
  const client = await needGateway(window);
  if (!client) return;
  const { config } = await client.call("config.get", {});
  const there = (config as { channels?: Record<string, { token?: unknown; apiRoot?: string }> }).channels?.[id];
  const token = await askToken(network);
  if (token === undefined) return;
  window.redactor.add(token);
  const title = vscode.l10n.t("Asking {0} which bot it is", name);
  const check = await cancellable(title, (signal) => network.check(token, { apiRoot: there?.apiRoot, signal }));
  if (!check || !(await isAccepted(check, name))) return;
  await keepToken(window, id, token);
  const told = await untilRun(window, { client, id }, there !== undefined);
  const listed = told?.state === "failed" ? await shareToken(window, { client, id }, token, told) : told;
  if (there?.token !== undefined) return tellOther(id);
  if (listed?.state === "failed") {
    void vscode.window.showErrorMessage(
      withoutLinks(vscode.l10n.t("{0} does not work: {1}", name, listed.error ?? "")),
    );
    return;
  }
  offerPairing(id, check.ok ? { ...network.meet(check), bot: `@${check.name}` } : undefined);
}

async function askToken({ id, prompt, example, isToken }: SetUpNetwork): Promise<string | undefined> {
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t("Token of the {0} bot", channelTitle(id)),
    prompt,
    placeHolder: example,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (isToken(text) ? undefined : vscode.l10n.t("Paste the whole token, as in {0}", example)),
  });
  return token?.trim();
}

async function isAccepted(check: BotCheck, name: string): Promise<boolean> {
  if (check.ok) return true;
  if (check.refused) {
    const message = vscode.l10n.t("{0} refused the token ({1}). Nothing was stored.", name, check.message);
    void vscode.window.showErrorMessage(withoutLinks(message));
    return false;
  }
  const store = vscode.l10n.t("Store anyway");
  const message = vscode.l10n.t("The token could not be checked: {0}", check.message);
  return (await vscode.window.showWarningMessage(withoutLinks(message), store)) === store;
}

/** The token and the line of openclaw.yml: both, or neither. */
async function keepToken(window: Window, id: SetUpNetwork["id"], token: string): Promise<void> {
  const vault = window.host.vault!;
  const secret = secretOf(id);
  const before = await vault.get(secret);
  // First: the gateway looks for it as soon as the file names the channel.
  await vault.set(secret, token);
  try {
    const { addChannel } = await import("../../app.ts");
    await addChannel(writableConfigFile(window), id);
  } catch (error) {
    await (before === undefined ? vault.delete(secret) : vault.set(secret, before));
    throw error;
  }
}

/** How the channel is once the gateway has taken it over; undefined where that is not known in time. */
async function untilRun(window: Window, { client, id }: Asked, isThere: boolean): Promise<ListedChannel | undefined> {
  // Its entry says nothing new: only the token is another.
  if (isThere) {
    await untilToldBeside(window);
    await client.call("channels.restart", { channel: id });
  }
  const found = Promise.withResolvers<ListedChannel | undefined>();
  const look = async (): Promise<void> => {
    const { channels } = await client.call("channels.list", {});
    const own = channels.find((one) => one.id === id);
    if (own && own.state !== "off" && own.state !== "starting") found.resolve(own);
  };
  const timer = setTimeout(() => found.resolve(undefined), LONGEST_MS);
  const held = window.gateway.onEvent(({ type }) => {
    if (type === "channel.changed" || type === "gateway.changed") void look().catch(found.reject);
  });
  const title = vscode.l10n.t("Starting {0}", channelTitle(id));
  try {
    void look().catch(found.reject);
    return await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => found.promise);
  } finally {
    clearTimeout(timer);
    held.dispose();
  }
}

/** Where another program runs the gateway, which cannot see this editor's secrets, offers to keep the token where it does. */
async function shareToken(
  window: Window,
  asked: Asked,
  token: string,
  told: ListedChannel,
): Promise<ListedChannel | undefined> {
  const { gateway, host } = window;
  if (gateway.status.state !== "running" || gateway.status.role !== "client") return told;
  // It has the same secrets, and may have begun before it was told of this one.
  if (isLedBeside(window)) return untilRun(window, asked, true);
  const keep = vscode.l10n.t("Keep it there too");
  const question = vscode.l10n.t("Another program runs the gateway, and it cannot see this editor's secret storage.");
  const detail = vscode.l10n.t(
    "Keep the token in {0} as well? Only you can read that file, and every gateway of yours finds it.",
    join(host.stateDir, "secrets.json"),
  );
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, keep)) !== keep) return told;
  const { openSecrets } = await import("../../app.ts");
  await openSecrets(host.stateDir).set(secretOf(asked.id), token);
  return untilRun(window, asked, true);
}

function tellOther(id: string): void {
  const open = vscode.l10n.t("Open configuration");
  const message = vscode.l10n.t(
    "The token is stored, but openclaw.yml names another one, and that is the one in use. Take channels.{0}.token out of it.",
    id,
  );
  void vscode.window.showWarningMessage(message, open).then((choice) => {
    if (choice === open) void vscode.commands.executeCommand("pincer.openConfiguration");
  });
}

/** Not awaited: the message may stay for as long as it likes. */
function offerPairing(id: string, at: { url: string; label: string; bot: string } | undefined): void {
  const confirm = vscode.l10n.t("Enter the code");
  const message = vscode.l10n.t(
    "{0} is set up. Write to {1} there: it answers with a code of eight letters, which you confirm here.",
    channelTitle(id),
    at?.bot ?? vscode.l10n.t("your bot"),
  );
  const choices = at === undefined ? [confirm] : [at.label, confirm];
  void vscode.window.showInformationMessage(withoutLinks(message), ...choices).then(async (choice) => {
    if (choice === at?.label && at) {
      await openOutside(at.url);
      offerPairing(id, undefined);
    }
    if (choice === confirm) await vscode.commands.executeCommand("pincer.acceptPairing", { channel: id });
  });
}

interface Asked {
  client: RouteClient;
  id: SetUpNetwork["id"];
}

function secretOf(id: string): string {
  return `${id}.token`;
}

import { join } from "node:path";
import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ListedChannel } from "../../protocol/channelState.ts";
import { withoutLinks } from "../host/plainText.ts";
import { needGateway, type Window } from "../host/window.ts";
import { cancellable } from "../settings/cancellable.ts";
import { userConfigFile } from "../settings/keyInFile.ts";
import { editorTexts } from "../words/editorTexts.ts";
import { checkBot, isBotToken } from "./botCheck.ts";

const SECRET = "telegram.token";
// The gateway reads its configuration once nobody has written into it for a while, and then asks Telegram.
const LONGEST_MS = 15_000;

/**
 * Asks for a bot's token, tries it, keeps it in the editor's secret storage, names the channel in the user's openclaw.yml, and says how to
 * be paired. Leaves all as it was when cancelled, and when the file cannot be written.
 */
export async function setUpTelegram(window: Window): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const { config } = await client.call("config.get", {});
  const there = (config as { channels?: { telegram?: { token?: unknown; apiRoot?: string } } }).channels?.telegram;
  const token = await askToken();
  if (token === undefined) return;
  window.redactor.add(token);
  const title = vscode.l10n.t("Asking Telegram which bot it is");
  const check = await cancellable(title, (signal) =>
    checkBot(editorTexts(), token, { apiRoot: there?.apiRoot, signal }),
  );
  if (!check || !(await isAccepted(check))) return;
  await keepToken(window, token);
  const told = await untilRun(window, client, there !== undefined);
  const listed = told?.state === "failed" ? await shareToken(window, client, token, told) : told;
  if (there?.token !== undefined) return tellOther();
  if (listed?.state === "failed") {
    void vscode.window.showErrorMessage(withoutLinks(vscode.l10n.t("Telegram does not work: {0}", listed.error ?? "")));
    return;
  }
  offerPairing(check.ok ? check.name : undefined);
}

async function askToken(): Promise<string | undefined> {
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t("Token of the Telegram bot"),
    prompt: vscode.l10n.t(
      "Write /newbot to @BotFather in Telegram, and paste the token that it gives. Kept in the editor's secret storage.",
    ),
    placeHolder: "123456:ABC-DEF…",
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      isBotToken(text) ? undefined : vscode.l10n.t("Paste the whole token, as in 123456:ABC-DEF…"),
  });
  return token?.trim();
}

async function isAccepted(check: Awaited<ReturnType<typeof checkBot>>): Promise<boolean> {
  if (check.ok) return true;
  if (check.refused) {
    const message = vscode.l10n.t("Telegram refused the token ({0}). Nothing was stored.", check.message);
    void vscode.window.showErrorMessage(withoutLinks(message));
    return false;
  }
  const store = vscode.l10n.t("Store anyway");
  const message = vscode.l10n.t("The token could not be checked: {0}", check.message);
  return (await vscode.window.showWarningMessage(withoutLinks(message), store)) === store;
}

/** The token and the line of openclaw.yml: both, or neither. */
async function keepToken(window: Window, token: string): Promise<void> {
  const vault = window.host.vault!;
  const before = await vault.get(SECRET);
  // First: the gateway looks for it as soon as the file names the channel.
  await vault.set(SECRET, token);
  try {
    const { addChannel } = await import("../../app.ts");
    await addChannel(userConfigFile(window), "telegram");
  } catch (error) {
    await (before === undefined ? vault.delete(SECRET) : vault.set(SECRET, before));
    throw error;
  }
}

/** How the channel is once the gateway has taken it over; undefined where that is not known in time. */
async function untilRun(window: Window, client: RouteClient, isThere: boolean): Promise<ListedChannel | undefined> {
  // Its entry says nothing new: only the token is another.
  if (isThere) await client.call("channels.restart", { channel: "telegram" });
  const found = Promise.withResolvers<ListedChannel | undefined>();
  const look = async (): Promise<void> => {
    const { channels } = await client.call("channels.list", {});
    const own = channels.find(({ id }) => id === "telegram");
    if (own && own.state !== "off" && own.state !== "starting") found.resolve(own);
  };
  const timer = setTimeout(() => found.resolve(undefined), LONGEST_MS);
  const held = window.gateway.onEvent(({ type }) => {
    if (type === "channel.changed" || type === "gateway.changed") void look().catch(found.reject);
  });
  const title = vscode.l10n.t("Starting {0}", "Telegram");
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
  client: RouteClient,
  token: string,
  told: ListedChannel,
): Promise<ListedChannel | undefined> {
  const { gateway, host } = window;
  if (gateway.status.state !== "running" || gateway.status.role !== "client") return told;
  const keep = vscode.l10n.t("Keep it there too");
  const question = vscode.l10n.t("Another program runs the gateway, and it cannot see this editor's secret storage.");
  const detail = vscode.l10n.t(
    "Keep the token in {0} as well? Only you can read that file, and every gateway of yours finds it.",
    join(host.stateDir, "secrets.json"),
  );
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, keep)) !== keep) return told;
  const { openSecrets } = await import("../../app.ts");
  await openSecrets(host.stateDir).set(SECRET, token);
  return untilRun(window, client, true);
}

function tellOther(): void {
  const open = vscode.l10n.t("Open configuration");
  const message = vscode.l10n.t(
    "The token is stored, but openclaw.yml names another one, and that is the one in use. Take channels.telegram.token out of it.",
  );
  void vscode.window.showWarningMessage(message, open).then((choice) => {
    if (choice === open) void vscode.commands.executeCommand("pincer.openConfiguration");
  });
}

/** Not awaited: the message may stay for as long as it likes. */
function offerPairing(name: string | undefined): void {
  const open = vscode.l10n.t("Open Telegram");
  const confirm = vscode.l10n.t("Enter the code");
  const bot = name === undefined ? vscode.l10n.t("your bot") : `@${name}`;
  const message = vscode.l10n.t(
    "Telegram is set up. Write to {0} there: it answers with a code of eight letters, which you confirm here.",
    bot,
  );
  const choices = name === undefined ? [confirm] : [open, confirm];
  void vscode.window.showInformationMessage(withoutLinks(message), ...choices).then(async (choice) => {
    if (choice === open) {
      await vscode.env.openExternal(vscode.Uri.parse(`https://t.me/${name}`, true));
      offerPairing(undefined);
    }
    if (choice === confirm) await vscode.commands.executeCommand("pincer.acceptPairing", { channel: "telegram" });
  });
}

import * as vscode from "vscode";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Phone } from "../../protocol/outside/phone.ts";
import type { Command } from "../host/command.ts";
import { withoutIcons } from "../host/plainText.ts";
import { needGateway, type Window } from "../host/window.ts";
import { openLivePage } from "../documents/livePage.ts";

/** Shows a code that lets one phone in, once, on a page with a picture for its camera. */
export const pairPhone: Command = async (window) => {
  const client = await needGateway(window);
  if (!client) return;
  const rights = [
    { label: vscode.l10n.t("Look, answer approvals and stop runs"), send: false },
    { label: vscode.l10n.t("Write to sessions as well"), send: true },
  ];
  const chosen = await vscode.window.showQuickPick(rights, { title: vscode.l10n.t("What the phone may do") });
  if (!chosen) return;
  const known = (await client.call("phones.list", {})).phones.map(({ id }) => id);
  const offer = await client.call("phones.pair", { send: chosen.send });
  if (offer.urls.length === 0) {
    void vscode.window.showErrorMessage(vscode.l10n.t("This machine has no address that phones could reach."));
    return;
  }
  const words = {
    title: vscode.l10n.t("Pair a phone"),
    how: vscode.l10n.t("Scan this with the phone's camera, or open the address there and type the letters."),
    code: vscode.l10n.t("Code"),
    until: vscode.l10n.t(
      "Good for one phone, until {0}.",
      new Date(offer.expiresAt).toLocaleTimeString(vscode.env.language),
    ),
    may: `${vscode.l10n.t("What the phone may do")}: ${chosen.label}`,
    others: vscode.l10n.t("This machine is also at:"),
    warning: vscode.l10n.t(
      "Nobody else has signed the gateway's certificate: the phone warns of it, and lets the page neither be installed nor be told of anything.",
    ),
  };
  const { pairedPage, pairingPage } = await import("../pages/index.ts");
  const { extensionUri } = window.context;
  const page = openLivePage({ extensionUri, type: "pincer.pairing", title: words.title, commands: [] });
  page.draw((head) => pairingPage(offer, words, head));
  const following = followCode(window, { client, known, expiresAt: offer.expiresAt }, (why) =>
    page.draw((head) => pairedPage(why, words, head)),
  );
  page.panel.onDidDispose(() => following.dispose());
};

/** Tells once why a code lets nobody in any more: it was used, or its time is over. */
function followCode(
  { gateway }: Window,
  { client, known, expiresAt }: { client: RouteClient; known: string[]; expiresAt: string },
  onOver: (why: string) => void,
): Disposable {
  const held: Disposable[] = [];
  const dispose = () => held.splice(0).forEach((one) => one.dispose());
  const end = (why: string) => {
    if (held.length === 0) return;
    dispose();
    onOver(why);
  };
  const over = vscode.l10n.t("The code lets nobody in any more. Have another one shown.");
  const look = async () => {
    const { phones, pending } = await client.call("phones.list", {});
    const came = phones.find(({ id }) => !known.includes(id));
    if (pending.some((code) => code.expiresAt === expiresAt)) return;
    end(came ? vscode.l10n.t("{0} is paired.", withoutIcons(came.name)) : over);
  };
  const timer = setTimeout(end, Date.parse(expiresAt) - Date.now(), over);
  held.push(
    gateway.onEvent(({ type }) => type === "gateway.changed" && void look().catch(() => undefined)),
    toDisposable(() => clearTimeout(timer)),
  );
  return { dispose };
}

/** Takes the token of a phone back, which is chosen from those that are paired. */
export const removePhone: Command = async (window) => {
  const client = await needGateway(window);
  if (!client) return;
  const { phones } = await client.call("phones.list", {});
  if (phones.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No phone is paired."));
    return;
  }
  const phone = await vscode.window.showQuickPick(phones.map(toItem), { title: vscode.l10n.t("Remove which phone") });
  if (!phone) return;
  const remove = vscode.l10n.t("Remove");
  const detail = vscode.l10n.t("What it holds open ends at once. To come back it needs another code.");
  const question = vscode.l10n.t("Remove {0}?", phone.label);
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
  await client.call("phones.remove", { id: phone.id });
};

function toItem({ id, name, scopes, pairedAt }: Phone) {
  const may = scopes.includes("send") ? vscode.l10n.t("writes") : vscode.l10n.t("looks and answers");
  const since = new Date(pairedAt).toLocaleString(vscode.env.language, { dateStyle: "medium", timeStyle: "short" });
  return { label: withoutIcons(name), description: `${may} · ${since}`, id };
}

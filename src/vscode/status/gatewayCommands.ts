import * as vscode from "vscode";
import type { Command } from "../host/command.ts";
import { needGateway, startVisibly } from "../host/window.ts";
import { tickStep } from "./walkthroughSteps.ts";

export const gatewayCommands: Record<string, Command> = {
  async "pincer.startGateway"({ gateway }) {
    await startVisibly(gateway);
  },

  async "pincer.stopGateway"({ gateway }) {
    await gateway.stop();
  },

  async "pincer.restartGateway"({ gateway }) {
    await gateway.stop();
    await startVisibly(gateway);
  },

  async "pincer.copyBaseUrl"(window) {
    if (!(await needGateway(window))) return;
    // Not asExternalUri: the gateway answers to its own names alone, and a tunnel or a proxy gives it another one.
    const url = window.gateway.status.url!;
    await vscode.env.clipboard.writeText(url);
    const isElsewhere = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
    const message = isElsewhere
      ? vscode.l10n.t("Copied {0}, which holds on the machine that Pincer runs on", url)
      : vscode.l10n.t("Copied {0}", url);
    vscode.window.setStatusBarMessage(message, isElsewhere ? 8000 : 3000);
    tickStep(window.context, "rest");
  },

  async "pincer.copyToken"(window) {
    if (!(await needGateway(window))) return;
    await vscode.env.clipboard.writeText(window.gateway.app!.token());
    vscode.window.setStatusBarMessage(vscode.l10n.t("Copied the gateway's token"), 3000);
    tickStep(window.context, "rest");
  },

  async "pincer.rotateToken"(window) {
    const client = await needGateway(window);
    if (!client) return;
    const rotate = vscode.l10n.t("Rotate token");
    const detail = vscode.l10n.t("Scripts and windows that use the present token are cut off at once.");
    const question = vscode.l10n.t("Make a new token for the gateway?");
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, rotate)) !== rotate) return;
    await client.call("gateway.token.rotate", {});
    vscode.window.setStatusBarMessage(vscode.l10n.t("The gateway has a new token"), 3000);
  },

  async "pincer.showLog"({ channel }) {
    channel.show(true);
  },

  async "pincer.reviewApprovals"(window) {
    if (await needGateway(window)) await window.approvals.review();
  },

  async "pincer.acceptProposal"(_window, uri) {
    await (await import("../choices/index.ts")).answerProposal("allow", uri);
  },

  async "pincer.rejectProposal"(_window, uri) {
    await (await import("../choices/index.ts")).answerProposal("deny", uri);
  },

  async "pincer.refreshViews"({ sessions, cron }) {
    sessions.refresh();
    cron.refresh();
  },
};

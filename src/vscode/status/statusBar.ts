import * as vscode from "vscode";
import { tooltipText } from "../words/tooltip.ts";
import { Disposables } from "../../base/disposable.ts";
import { editorTexts } from "../words/editorTexts.ts";
import type { Gateway } from "../host/windowGateway.ts";
import type { StatusDetails } from "./statusDetails.ts";
import { type Activity, statusText } from "./statusText.ts";

const LINKS = [
  "pincer.openChat",
  "pincer.restartGateway",
  "pincer.stopGateway",
  "pincer.startGateway",
  "pincer.showLog",
  "pincer.copyBaseUrl",
  "pincer.pickModel",
  "pincer.showUsage",
  "pincer.reviewApprovals",
  "workbench.trust.manage",
];

/** One item that says how the gateway is, and in its tooltip where and what one can do. */
export class StatusBar implements vscode.Disposable {
  readonly #gateway: Gateway;
  readonly #activity: () => Activity;
  readonly #held = new Disposables();
  readonly #item: vscode.StatusBarItem;
  #model: string | undefined;
  #details: StatusDetails = {};

  constructor(gateway: Gateway, activity: () => Activity) {
    this.#gateway = gateway;
    this.#activity = activity;
    this.#item = this.#held.add(vscode.window.createStatusBarItem("pincer.gateway", vscode.StatusBarAlignment.Left, 0));
    this.#item.name = vscode.l10n.t("Pincer gateway");
    this.#held.add(gateway.onDidChange(() => this.update()));
    this.update();
    this.#item.show();
  }

  setDetails(details: StatusDetails): void {
    this.#details = details;
    this.update();
  }

  /** The model that a session without one of its own uses. */
  setModel(model: string | undefined): void {
    this.#model = model;
    this.update();
  }

  update(): void {
    const { status } = this.#gateway;
    const { text, label, isError, needsInput } = statusText(status, this.#activity(), editorTexts());
    this.#item.text = text;
    this.#item.accessibilityInformation = { label, role: "button" };
    this.#item.backgroundColor = isError
      ? new vscode.ThemeColor("statusBarItem.errorBackground")
      : needsInput
        ? new vscode.ThemeColor("statusBarItem.warningBackground")
        : undefined;
    this.#item.command = needsInput
      ? "pincer.reviewApprovals"
      : {
          stopped: "pincer.startGateway",
          error: "pincer.showLog",
          restricted: "workbench.trust.manage",
          starting: "pincer.showLog",
          running: "pincer.openChat",
        }[status.state];
    this.#item.tooltip = this.#tooltip();
  }

  dispose(): void {
    this.#held.dispose();
  }

  #tooltip(): vscode.MarkdownString {
    const { status } = this.#gateway;
    const tooltip = new vscode.MarkdownString("**Pincer**", true);
    tooltip.isTrusted = { enabledCommands: LINKS };
    const line = (text: string) => tooltip.appendMarkdown(`\n\n${tooltipText(text)}`);
    const links = (...links: [command: string, title: string][]) =>
      tooltip.appendMarkdown(
        `\n\n---\n\n${links.map(([command, title]) => `[${title}](command:${command})`).join(" · ")}`,
      );
    if (status.message) line(status.message);
    if (status.state === "restricted") {
      line(vscode.l10n.t("Nothing runs until you trust this folder."));
      links(["workbench.trust.manage", vscode.l10n.t("Manage trust")]);
    } else if (status.state === "running") {
      line(`${vscode.l10n.t("Address")}: ${status.url}`);
      line(
        status.role === "leader"
          ? vscode.l10n.t("This window runs the gateway.")
          : vscode.l10n.t("Attached to the gateway of another window."),
      );
      if (this.#model) line(`${vscode.l10n.t("Model")}: ${this.#model}`);
      const { today, browser, sandbox, store } = this.#details;
      if (today) line(`${vscode.l10n.t("Used today")}: ${today}`);
      if (sandbox) line(`${vscode.l10n.t("Sandbox")}: ${sandbox}`);
      if (store) line(`${vscode.l10n.t("Store")}: ${store}`);
      if (browser) line(`${vscode.l10n.t("Browser")}: ${browser}`);
      links(
        ["pincer.openChat", vscode.l10n.t("Chat")],
        ["pincer.pickModel", vscode.l10n.t("Model")],
        ["pincer.showUsage", vscode.l10n.t("Usage")],
        ["pincer.copyBaseUrl", vscode.l10n.t("Copy URL")],
        ["pincer.restartGateway", vscode.l10n.t("Restart")],
        ["pincer.stopGateway", vscode.l10n.t("Stop")],
        ["pincer.showLog", vscode.l10n.t("Log")],
      );
    } else {
      links(
        ["pincer.startGateway", vscode.l10n.t("Start")],
        ["pincer.restartGateway", vscode.l10n.t("Restart")],
        ["pincer.showLog", vscode.l10n.t("Log")],
      );
    }
    return tooltip;
  }
}

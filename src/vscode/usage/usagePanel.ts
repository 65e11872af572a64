import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Command } from "../host/command.ts";
import { type Window, needGateway } from "../host/window.ts";
import { sessionTitle } from "../sessions/sessionWords.ts";
import { type Measure, USAGE_DAYS } from "../pages/usageSums.ts";

interface Choice {
  days: number;
  measure: Measure;
}

let panel: vscode.WebviewPanel | undefined;
let choice: Choice = { days: 30, measure: "tokens" };

/** Shows what was used, in a page of the editor; called again by the page's own links. */
export const showUsage: Command = async (window, wanted) => {
  if (isChoice(wanted)) choice = wanted;
  if (!panel) {
    const made = vscode.window.createWebviewPanel(
      "pincer.usage",
      vscode.l10n.t("Pincer usage"),
      vscode.ViewColumn.Active,
      {
        enableScripts: false,
        enableCommandUris: ["pincer.showUsage"],
        localResourceRoots: [],
      },
    );
    made.iconPath = vscode.Uri.joinPath(window.context.extensionUri, "media", "pincer.svg");
    made.onDidDispose(() => (panel = undefined));
    panel = made;
  } else {
    panel.reveal();
  }
  await render(window, panel);
};

async function render(window: Window, shown: vscode.WebviewPanel): Promise<void> {
  const client = await needGateway(window);
  if (!client) return shown.dispose();
  const [{ rows }, { sessions }] = await Promise.all([
    client.call("usage.cost", { days: choice.days }),
    client.call("sessions.list", { limit: 500 }),
  ]);
  const titles = new Map(sessions.map((session) => [session.key, sessionTitle(session)]));
  const { usagePage } = await import("../pages/index.ts");
  shown.webview.html = usagePage({
    rows,
    ...choice,
    now: Date.now(),
    language: vscode.env.language,
    nonce: randomBytes(18).toString("base64url"),
    titleOf: (key) => titles.get(key) ?? vscode.l10n.t("{0} (deleted)", key),
  });
}

function isChoice(value: unknown): value is Choice {
  if (typeof value !== "object" || value === null) return false;
  const { days, measure } = value as Partial<Choice>;
  return USAGE_DAYS.includes(days ?? 0) && (measure === "tokens" || measure === "cost");
}

import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import type { Command } from "../host/command.ts";
import { type LivePage, openLivePage } from "../documents/livePage.ts";
import { type Window, needGateway } from "../host/window.ts";
import { sessionTitle } from "../host/sessionWords.ts";
import { type Measure, USAGE_DAYS } from "../pages/usageSums.ts";

interface Choice {
  days: number;
  measure: Measure;
}

let page: LivePage | undefined;
let choice: Choice = { days: 30, measure: "tokens" };

/** Shows what was used, in a page of the editor; called again by the page's own links. */
export const showUsage: Command = async (window, wanted) => {
  if (isChoice(wanted)) choice = wanted;
  if (!page) {
    page = openLivePage({
      extensionUri: window.context.extensionUri,
      type: "pincer.usage",
      title: vscode.l10n.t("Pincer usage"),
      commands: ["pincer.showUsage"],
    });
    page.panel.onDidDispose(() => (page = undefined));
  } else {
    page.panel.reveal();
  }
  await render(window, page);
};

async function render(window: Window, shown: LivePage): Promise<void> {
  const client = await needGateway(window);
  if (!client) return shown.panel.dispose();
  const [{ rows }, { sessions }] = await Promise.all([
    client.call("usage.cost", { days: choice.days }),
    client.call("sessions.list", { limit: 500 }),
  ]);
  const titles = new Map(sessions.map((session) => [session.key, sessionTitle(session)]));
  const { usagePage } = await import("../pages/index.ts");
  if (page !== shown) return;
  shown.draw((head) =>
    usagePage({
      rows,
      ...choice,
      now: Date.now(),
      texts: editorTexts(),
      head,
      titleOf: (key) => titles.get(key) ?? vscode.l10n.t("{0} (deleted)", key),
    }),
  );
}

function isChoice(value: unknown): value is Choice {
  if (typeof value !== "object" || value === null) return false;
  const { days, measure } = value as Partial<Choice>;
  return USAGE_DAYS.includes(days ?? 0) && (measure === "tokens" || measure === "cost");
}

import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { isAppError } from "../../base/appError.ts";
import type { RouteClient } from "../../client/routeClient.ts";
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
  const { rows } = await client.call("usage.cost", { days: choice.days });
  const { shownSessions, usagePage } = await import("../pages/index.ts");
  const titles = await titlesOf(client, shownSessions(rows, choice.measure));
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

/** What sessions are called, by their keys; those that are gone have no title. */
async function titlesOf(client: RouteClient, keys: string[]): Promise<Map<string, string>> {
  const { sessions } = await client.call("sessions.list", { limit: 500 });
  const titles = new Map(sessions.map((session) => [session.key, sessionTitle(session)]));
  const older = keys.filter((key) => !titles.has(key));
  const found = await Promise.all(
    older.map((sessionKey) => client.call("session.status", { sessionKey }).catch(unlessGone)),
  );
  for (const session of found)
    if (session) titles.set(session.sessionKey, sessionTitle({ ...session, key: session.sessionKey }));
  return titles;
}

function unlessGone(error: unknown): undefined {
  if (!isAppError(error) || error.code !== "not_found") throw error;
}

function isChoice(value: unknown): value is Choice {
  if (typeof value !== "object" || value === null) return false;
  const { days, measure } = value as Partial<Choice>;
  return USAGE_DAYS.includes(days ?? 0) && (measure === "tokens" || measure === "cost");
}

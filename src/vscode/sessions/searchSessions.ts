import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import { defined } from "../../base/defined.ts";
import { type FoundAt, toFoundAt } from "../../protocol/panel/foundAt.ts";
import { SESSION_PLACES, type SessionPlace, sessionPlace } from "../../protocol/panel/sessionPlace.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Routes } from "../../gateway/routes/routeTable.ts";
import type { Command } from "../host/command.ts";
import { workspaceFolders } from "../host/editorHost.ts";
import { withoutIcons } from "../host/plainText.ts";
import { type Window, needGateway } from "../host/window.ts";
import { sessionDescription, sessionTitle } from "../host/sessionWords.ts";

const PAUSE_MS = 150;
const MOST = 50;

type Session = Routes["sessions.list"]["output"]["sessions"][number];
type Found = Routes["sessions.search"]["output"]["results"][number];
type Item = vscode.QuickPickItem & { key: string; found?: FoundAt };

/** Finds sessions by what was written in them, as one types, and opens the chosen one in the chat, at what was found. */
export const searchSessions: Command = async (window) => {
  const client = await needGateway(window);
  if (client) await pick(window, client);
};

async function pick(window: Window, client: RouteClient): Promise<void> {
  const picker = vscode.window.createQuickPick<Item>();
  picker.title = vscode.l10n.t("Search sessions");
  picker.placeholder = vscode.l10n.t('Words of a message or a title; "several words" as they stand');
  let timer: NodeJS.Timeout | undefined;
  let asked = 0;
  /** The words that what is listed was found for. */
  let found: string | undefined;
  const look = async (): Promise<void> => {
    const mine = (asked += 1);
    const { value } = picker;
    picker.busy = true;
    try {
      const items = await listItems(client, value);
      // An answer that comes late is about other words.
      if (mine === asked) picker.items = items;
    } catch (error) {
      if (mine === asked)
        picker.items = [{ key: "", label: vscode.l10n.t("The search failed: {0}", wordsOf(error)), alwaysShow: true }];
    } finally {
      if (mine === asked) {
        picker.busy = false;
        found = value;
      }
    }
  };
  const closed = Promise.withResolvers<Item | undefined>();
  picker.onDidChangeValue(() => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), PAUSE_MS);
  });
  const accept = async (): Promise<void> => {
    const { value } = picker;
    const first = () => picker.items.find(({ key }) => key !== "");
    let chosen = picker.activeItems[0] ?? first();
    if (found !== value && chosen === first()) {
      // What is listed still was found for other words; what was moved to, or clicked, is what is meant.
      clearTimeout(timer);
      await look();
      if (found !== picker.value || picker.value !== value) return;
      chosen = first();
    }
    if (chosen?.key) closed.resolve(chosen);
  };
  picker.onDidAccept(() => void accept());
  picker.onDidHide(() => closed.resolve(undefined));
  picker.show();
  void look();
  const chosen = await closed.promise;
  clearTimeout(timer);
  asked += 1;
  picker.dispose();
  if (chosen?.found) await window.chat.showFound(chosen.key, chosen.found);
  else if (chosen) await window.chat.show(chosen.key);
}

/** The newest sessions where nothing is looked for yet. */
async function listItems(client: RouteClient, text: string): Promise<Item[]> {
  if (text.trim() === "") {
    const { sessions } = await client.call("sessions.list", { limit: MOST });
    return grouped(sessions, workspaceFolders(), Date.now());
  }
  const { results } = await client.call("sessions.search", { query: text.slice(0, 500), limit: MOST });
  if (results.length === 0) return [{ key: "", label: vscode.l10n.t("Nothing was found"), alwaysShow: true }];
  return results.map(toItem);
}

/** Pinned ones, those of this window's folders by day, then those of others. */
function grouped(sessions: Session[], folders: string[], now: number): Item[] {
  const labels: Record<SessionPlace, string> = {
    pinned: vscode.l10n.t("Pinned"),
    today: vscode.l10n.t("Today"),
    earlier: vscode.l10n.t("Earlier"),
    elsewhere: vscode.l10n.t("In other folders"),
  };
  return SESSION_PLACES.flatMap((place) => {
    const own = sessions.filter((session) => sessionPlace(session, folders, now) === place);
    if (own.length === 0) return [];
    const head: Item = { key: "", label: labels[place], kind: vscode.QuickPickItemKind.Separator };
    return [head, ...own.map((session) => toItem({ session, matchCount: 0, matches: [] }))];
  });
}

function toItem({ session, matchCount, matches }: Found): Item {
  const count = matchCount === 0 ? [] : [editorTexts().plural(matchCount, "{0} message", "{0} messages")];
  return {
    key: session.key,
    label: withoutIcons(sessionTitle(session)),
    description: [...count, sessionDescription(session, Date.now())].join(" · "),
    ...defined({ detail: matches[0] && withoutIcons(matches[0].snippet), found: toFoundAt(matches) }),
    iconPath: new vscode.ThemeIcon(iconOf(session)),
    // The gateway has chosen: words that stand in messages alone are not in the label.
    alwaysShow: true,
  };
}

function iconOf({ kind, parentKey }: Pick<Session, "kind" | "parentKey">): string {
  if (kind === "main") return "home";
  return parentKey ? "type-hierarchy-sub" : "comment";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

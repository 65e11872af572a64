import * as vscode from "vscode";
import { headOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ContextFound, ContextRef } from "../../protocol/panel/contextRef.ts";
import type { Session } from "../../protocol/session.ts";
import { relativeTime } from "../words/relativeTime.ts";

const MOST_SHOWN = 5;
// Each page of a search looks through all that was ever said, and what else fits waits for it.
const MOST_PAGES = 4;
const MOST_MESSAGES = 50;
const MOST_CHARS = 4000;

/** Sessions other than the shown one that have messages and whose titles fit, newest first. */
export async function findSessions(client: RouteClient, query: string, shown: string): Promise<ContextFound[]> {
  const word = query.toLowerCase();
  const found: Session[] = [];
  for (let [pages, cursor] = [0, undefined as string | undefined]; pages < MOST_PAGES; pages += 1) {
    // Of older ones only what has the word, wherever.
    const search = cursor === undefined || query === "" ? undefined : headOf(query, 200);
    const page = await client.call("sessions.list", { limit: pages === 0 ? 200 : 500, ...defined({ cursor, search }) });
    const others = page.sessions.filter(({ key, messageCount }) => key !== shown && messageCount > 0);
    found.push(...others.filter((session) => titleOf(session).toLowerCase().includes(word)));
    cursor = page.nextCursor;
    if (cursor === undefined || found.length >= MOST_SHOWN) break;
  }
  return found.slice(0, MOST_SHOWN).map((session) => ({
    ref: { kind: "session", label: titleOf(session), icon: "comment-discussion", id: session.key },
    label: titleOf(session),
    detail: relativeTime(Date.parse(session.updatedAt), Date.now(), vscode.env.language),
  }));
}

/** What was said in a session, oldest first: its newest messages, without the tools' results. */
export async function readSession(client: RouteClient, { id }: ContextRef): Promise<string> {
  const { messages, hasMore } = await client.call("sessions.history", { sessionKey: id, limit: MOST_MESSAGES });
  const said = messages
    .filter(({ role, text }) => (role === "user" || role === "assistant") && text.trim() !== "")
    .map(({ role, text }) => `[${role}] ${cut(text)}`);
  return [...(hasMore ? [vscode.l10n.t("[earlier messages are left out]")] : []), ...said].join("\n\n");
}

function cut(text: string): string {
  if (text.length <= MOST_CHARS) return text;
  return `${headOf(text, MOST_CHARS)} ${vscode.l10n.t("[cut: {0} more characters]", text.length - MOST_CHARS)}`;
}

function titleOf({ key, title }: Session): string {
  return title || (key === "main" ? vscode.l10n.t("Main session") : vscode.l10n.t("Untitled session"));
}

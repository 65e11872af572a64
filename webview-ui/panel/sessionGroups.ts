import { defined } from "../../src/base/defined.ts";
import { SESSION_PLACES, sessionPlace } from "../../src/protocol/panel/sessionPlace.ts";
import type { FoundAt } from "../../src/protocol/panel/foundAt.ts";
import type { Session } from "../../src/protocol/session.ts";
import { type ListedSession, toTitle } from "../state/sessionList.ts";
import { strings } from "../parts/strings.ts";

export interface SessionGroup {
  label: string;
  entries: ShownSession[];
}

export interface ShownSession extends ListedSession {
  /** What was found in a message of it, and where. */
  snippet?: string;
  found?: FoundAt;
}

/** Pinned sessions, those in this window's folders by day, then those of others; each with what it spawned beneath it. What is archived is found only by its words. */
export function toGroups(tree: ListedSession[], folders: string[], now: number): SessionGroup[] {
  const groups = SESSION_PLACES.map((name): SessionGroup => ({ label: strings.sessionGroups[name], entries: [] }));
  let place: SessionGroup | undefined;
  for (const entry of tree) {
    if (entry.depth === 0)
      place = entry.archived ? undefined : groups[SESSION_PLACES.indexOf(sessionPlace(entry, folders, now))];
    place?.entries.push(entry);
  }
  return groups.filter(({ entries }) => entries.length > 0);
}

/** A session that has words in its messages. */
export type Said = { session: Session } & Pick<ShownSession, "snippet" | "found">;

/** What fits some words: by their titles, then by what was written in them. */
export function toFound(tree: ListedSession[], words: string, inMessages: Said[]): SessionGroup[] {
  const word = words.toLowerCase();
  const named = tree.filter((entry) => toTitle(entry).toLowerCase().includes(word));
  const said = inMessages.filter(({ session }) => !named.some(({ key }) => key === session.key));
  const foundIn = (key: string) => inMessages.find(({ session }) => session.key === key)?.found;
  const titled = named.map((entry) => ({ ...entry, depth: 0, ...defined({ found: foundIn(entry.key) }) }));
  return [
    { label: strings.sessionGroups.byTitle, entries: titled.filter(({ archived }) => !archived) },
    { label: strings.sessionGroups.archived, entries: titled.filter(({ archived }) => archived) },
    {
      label: strings.sessionGroups.byMessage,
      entries: said.map(({ session, ...found }) => ({ ...session, depth: 0, ...found })),
    },
  ].filter(({ entries }) => entries.length > 0);
}

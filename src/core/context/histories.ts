import type { StoredMessage } from "../../protocol/message.ts";
import type { Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { isEnough, type Kept, readKept, toContext } from "./modelContext.ts";

/** What the model sees of sessions. The messages of those that spoke last are held, so that only what came since is read. */
export interface Histories {
  context(session: StoredSession): Promise<StoredMessage[]>;
}

interface Held extends Kept {
  chars: number;
  /** What the model sees of the messages, by the session's marks as they were. */
  seen: { context: StoredMessage[] } & Pick<StoredSession, "summarySeq" | "trimmedSeq">;
}

const MOST_SESSIONS = 200;
const MOST_CHARS = 8_000_000;
// What came since is one run's messages, as a rule: where it is more, all is read again.
const MOST_NEW = 200;

export function createHistories(store: Store): Histories {
  // Those used last are at the end.
  const held = new Map<string, Held>();
  let chars = 0;

  const forget = (key: string): void => {
    chars -= held.get(key)?.chars ?? 0;
    held.delete(key);
  };

  const hold = (key: string, kept: Held): void => {
    forget(key);
    if (kept.chars > MOST_CHARS / 2) return;
    held.set(key, kept);
    chars += kept.chars;
    for (const oldest of held.keys()) {
      if (held.size <= MOST_SESSIONS && chars <= MOST_CHARS) return;
      forget(oldest);
    }
  };

  return {
    async context(session) {
      const { key } = session;
      const before = held.get(key);
      const grown = before && (await grow(store, session, before));
      const read = grown ?? toHeld(await readKept(store, session), session);
      hold(key, read);
      return read.seen.context;
    },
  };
}

/** Undefined when it is no longer the session's history, because that was cleared, or is not enough for its context. */
async function grow(store: Store, session: StoredSession, before: Held): Promise<Held | undefined> {
  const newest = before.messages.at(-1);
  if (!newest) return undefined;
  const since = await store.listMessages(session.key, { from: newest.seq, limit: MOST_NEW });
  // Ids are never given twice, so a session that was made anew under this key is seen here as well.
  if (since.hasMore || since.messages[0]?.id !== newest.id) return undefined;
  const more = since.messages.slice(1);
  const messages = more.length === 0 ? before.messages : [...before.messages, ...more];
  const grown = { ...before, messages, chars: before.chars + charsOf(more) };
  if (!isEnough(grown, session)) return undefined;
  const { summarySeq, trimmedSeq } = session;
  const isMarkedAlike = before.seen.summarySeq === summarySeq && before.seen.trimmedSeq === trimmedSeq;
  if (!isMarkedAlike) return { ...grown, seen: toSeen(messages, session) };
  // What came after the marks is seen as it is, but for summaries that do not count.
  const context =
    more.length === 0 ? before.seen.context : [...before.seen.context, ...toContext(more, { trimmedSeq })];
  return { ...grown, seen: { ...before.seen, context } };
}

function toHeld(kept: Kept, session: StoredSession): Held {
  return { ...kept, chars: charsOf(kept.messages), seen: toSeen(kept.messages, session) };
}

function toSeen(messages: StoredMessage[], session: StoredSession): Held["seen"] {
  const { summarySeq, trimmedSeq } = session;
  return { summarySeq, trimmedSeq, context: toContext(messages, session) };
}

function charsOf(messages: StoredMessage[]): number {
  return messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
}

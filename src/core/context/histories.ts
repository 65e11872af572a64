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
      const read = grown ?? toHeld(await readKept(store, session));
      hold(key, read);
      return toContext(read.messages, session);
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
  const grown = { ...before, messages: [...before.messages, ...more], chars: before.chars + charsOf(more) };
  return isEnough(grown, session) ? grown : undefined;
}

function toHeld(kept: Kept): Held {
  return { ...kept, chars: charsOf(kept.messages) };
}

function charsOf(messages: StoredMessage[]): number {
  return messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
}

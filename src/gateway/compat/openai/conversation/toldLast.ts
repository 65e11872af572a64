import { createHash } from "node:crypto";
import { BoundedMap } from "../../../../base/boundedMap.ts";
import { readKeepFrom } from "../../../../core/context/modelContext.ts";
import type { Store } from "../../../../core/ports/store.ts";
import type { StoredMessage } from "../../../../protocol/message.ts";
import { tellsInstructions, toldInstructions } from "./toldConversation.ts";

/** What was found in a session. */
interface Found {
  /** Its newest message of a user then. */
  newest: Pick<StoredMessage, "id" | "seq">;
  /** Digest of what was told last, and the seq of the message that told it. */
  told: string;
  toldAt: number;
  /** How many messages of users there are since the one that told it, that one included. */
  since: number;
  /** The summary up to which its session was read, and from where on its model reads. */
  summed?: { at: number; keepFrom: number | undefined };
}

// Of its users. What is further back is told once more.
const LOOKED_BACK = 100;
const MOST_SESSIONS = 1000;

const digest = (text: string) => createHash("sha256").update(text).digest("base64");
const NOTHING = { told: digest(""), toldAt: 0, since: 0 };

const found = new WeakMap<Store, BoundedMap<string, Found>>();

/**
 * Whether these are the instructions that a session was told last, as far as its model still reads that: none when they are empty. Reads
 * only what came since.
 */
export async function areToldLast(store: Store, key: string, instructions: string): Promise<boolean> {
  const known = found.get(store) ?? new BoundedMap<string, Found>(MOST_SESSIONS);
  found.set(store, known);
  const before = known.get(key);
  const grown = before && (await lookOn(store, key, before));
  const now = grown ?? (await lookBack(store, key));
  if (now) known.set(key, now);
  const wanted = digest(instructions);
  if (!now || now.told === NOTHING.told) return wanted === NOTHING.told;
  return (await isRead(store, key, now)) ? wanted === now.told : wanted === NOTHING.told;
}

/** Whether its telling was not summed up since. */
async function isRead(store: Store, key: string, now: Found): Promise<boolean> {
  const session = await store.getSession(key);
  const at = session?.summarySeq;
  if (!session || at === undefined || now.toldAt > at) return true;
  if (now.summed?.at !== at) now.summed = { at, keepFrom: await readKeepFrom(store, session) };
  const { keepFrom } = now.summed;
  return keepFrom === undefined || now.toldAt >= keepFrom;
}

/** Undefined when it is no longer the history that was looked at, or much came since. */
async function lookOn(store: Store, key: string, before: Found): Promise<Found | undefined> {
  const { newest } = before;
  const page = await store.listMessages(key, { from: newest.seq, limit: LOOKED_BACK, roles: ["user"] });
  // Ids are never given twice, so a session that was made anew under this key is seen here as well.
  if (page.hasMore || page.messages[0]?.id !== newest.id) return undefined;
  return toFound(page.messages, before);
}

async function lookBack(store: Store, key: string): Promise<Found | undefined> {
  const { messages } = await store.listMessages(key, { limit: LOOKED_BACK, roles: ["user"] });
  return messages.length === 0 ? undefined : toFound(messages, NOTHING);
}

function toFound(messages: StoredMessage[], before: Omit<Found, "newest">): Found {
  const { id, seq } = messages.at(-1)!;
  const newest = { id, seq };
  const at = messages.findLastIndex(({ text }) => tellsInstructions(text));
  const telling = messages[at];
  if (telling)
    return { newest, told: digest(toldInstructions(telling.text)), toldAt: telling.seq, since: messages.length - at };
  const since = before.since + messages.length - 1;
  return since > LOOKED_BACK ? { newest, ...NOTHING } : { ...before, newest, since };
}

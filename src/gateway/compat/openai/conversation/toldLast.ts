import { createHash } from "node:crypto";
import { BoundedMap } from "../../../../base/boundedMap.ts";
import type { Store } from "../../../../core/ports/store.ts";
import type { StoredMessage } from "../../../../protocol/message.ts";
import { tellsInstructions, toldInstructions } from "./toldConversation.ts";

/** What was found in a session. */
interface Found {
  /** Its newest message of a user then. */
  newest: Pick<StoredMessage, "id" | "seq">;
  /** Digest of what was told last. */
  told: string;
  /** How many messages of users there are since the one that told it, that one included. */
  since: number;
}

// Of its users. What is further back may have been summed up since, and is told once more.
const LOOKED_BACK = 100;
const MOST_SESSIONS = 1000;

const digest = (text: string) => createHash("sha256").update(text).digest("base64");
const NOTHING = digest("");

const found = new WeakMap<Store, BoundedMap<string, Found>>();

/** Whether these are the instructions that a session was told last: none when they are empty. Reads only what came since. */
export async function areToldLast(store: Store, key: string, instructions: string): Promise<boolean> {
  const known = found.get(store) ?? new BoundedMap<string, Found>(MOST_SESSIONS);
  found.set(store, known);
  const before = known.get(key);
  const grown = before && (await lookOn(store, key, before));
  const now = grown ?? (await lookBack(store, key));
  if (now) known.set(key, now);
  return digest(instructions) === (now?.told ?? NOTHING);
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
  return messages.length === 0 ? undefined : toFound(messages, { told: NOTHING, since: 0 });
}

function toFound(messages: StoredMessage[], before: Pick<Found, "told" | "since">): Found {
  const { id, seq } = messages.at(-1)!;
  const newest = { id, seq };
  const at = messages.findLastIndex(({ text }) => tellsInstructions(text));
  if (at >= 0) return { newest, told: digest(toldInstructions(messages[at]!.text)), since: messages.length - at };
  const since = before.since + messages.length - 1;
  return since > LOOKED_BACK ? { newest, told: NOTHING, since: 0 } : { newest, told: before.told, since };
}

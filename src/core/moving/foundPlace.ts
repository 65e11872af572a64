import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { MovedMessage, MovedSession } from "../../protocol/written/movedLine.ts";
import type { Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { firstSaid } from "./firstSaid.ts";

/** Which session of a file is meant. Key and time stay when it is reset; what it begins with does not. */
export type Meant = Pick<MovedSession, "key" | "createdAt" | "begunBy">;

/** Where a session of a file is here, or will be once it is taken. */
interface FoundPlace {
  key: string;
  session?: StoredSession;
  /** How many of the file's messages are here; undefined: none is to be added. */
  position: number | undefined;
  state: "there" | "kept";
  /** The same session has been taken in before as it was then, or was made here: what it used is counted. */
  isBeside?: true;
  /** The first message that was given, and those of the file before it, where they are here as another session's. */
  before?: SharedMessages;
}

interface SharedMessages {
  key: string;
  /** Of the first. */
  seq: number;
  count: number;
}

/** Of what was taken of this session, the beginning of its runs' ids. */
export function markOf({ key, createdAt }: Pick<Meant, "key" | "createdAt">): string {
  return createHash("sha256").update(`${key}\n${createdAt}`).digest("hex").slice(0, 12);
}

/** The id that a run of a file has here. */
export function takenRun(mark: string, runId: string): string {
  return `import-${mark}-${plainRun(runId)}`;
}

/**
 * The session that has these messages of the file already, or those before them; else its own key where that is free, or
 * `imported-…`. `isForetold`: what comes before them may not be here yet, and need not.
 */
export async function findPlace(
  store: Store,
  meant: Meant,
  messages: MovedMessage[] = [],
  { isForetold }: { isForetold: boolean } = { isForetold: true },
): Promise<FoundPlace> {
  const first = messages[0]?.n ?? 0;
  let free: FoundPlace | undefined;
  let missing = 0;
  let isBeside = false;
  let before: SharedMessages | undefined;
  for (const key of keysFor(meant)) {
    const session = await store.getSession(key);
    if (!session) {
      free ??= { key, position: 0, state: "there" };
      if (key === meant.key) continue;
      break;
    }
    const place = await placeIn(store, session, meant, messages);
    if (place === "other") continue;
    if (place === "beside") {
      isBeside = true;
      before ??= await sharedBefore(store, session, messages[0]);
    } else if (place === "empty") free ??= { key, session, position: 0, state: "there" };
    else if (isForetold || place.position === undefined || first <= place.position) return place;
    else missing = place.position;
  }
  if (isForetold || first === 0 || before)
    return { ...free!, ...(isBeside ? { isBeside } : {}), ...defined({ before }) };
  throw new AppError("bad_request", `Message ${missing} of session ${quotedLine(meant.key)} is missing`);
}

/** Keys are shown, and name folders: one of a file that looks like none of ours is another here. */
export function isPlainKey(key: string): boolean {
  return /^\w[\w:.@+=-]*$/.test(key) && !key.includes("..");
}

function* keysFor(meant: Meant): Generator<string> {
  if (isPlainKey(meant.key)) yield meant.key;
  const key = `imported-${markOf(meant)}`;
  yield key;
  for (let at = 2; ; at += 1) yield `${key}-${at}`;
}

/** `other`: what is there is another session. `beside`: it is this one, but was reset, went another way, or waits for its erasing. */
async function placeIn(
  store: Store,
  session: StoredSession,
  meant: Meant,
  messages: MovedMessage[],
): Promise<FoundPlace | "empty" | "beside" | "other"> {
  const { key, createdAt, messageCount } = session;
  const isMadeThen = createdAt === meant.createdAt;
  if (session.deleting) return isMadeThen ? "beside" : "other";
  const begun = await firstSaid(store, key);
  // An empty main is anybody's.
  if (!begun) return key === "main" || isMadeThen ? "empty" : "other";
  const own = `import-${markOf(meant)}-`;
  const isTaken = begun.runId.startsWith(own);
  if (!isTaken && !isMadeThen) return "other";
  const begunBy = meant.begunBy ?? (messages[0]?.n === 0 ? messages[0].runId : undefined);
  if (begunBy !== undefined && plainRun(begunBy) !== plainRun(begun.runId)) return "beside";
  if (!isTaken) return { key, session, position: undefined, state: "there" };
  const [last] = (await store.listMessages(key, { limit: 1 })).messages;
  if (!last?.runId.startsWith(own)) return { key, session, position: undefined, state: "kept" };
  const shared = messages.findLast(({ n }) => n < messageCount);
  if (shared && !(await isHere(store, key, begun.seq, shared))) return "beside";
  return { key, session, position: messageCount, state: "there" };
}

/** This message of the file and all that come before it, where they stand here. */
async function sharedBefore(
  store: Store,
  { key }: StoredSession,
  message: MovedMessage | undefined,
): Promise<SharedMessages | undefined> {
  const begun = await firstSaid(store, key);
  if (!message || !begun || !(await isHere(store, key, begun.seq, message))) return undefined;
  return { key, seq: begun.seq, count: message.n + 1 };
}

/** Whether this message of the file is here at its place: whatever was taken stands without a gap. */
async function isHere(store: Store, key: string, firstSeq: number, { n, runId }: MovedMessage): Promise<boolean> {
  const seq = firstSeq + n;
  const [here] = (await store.listMessages(key, { limit: 1, before: seq + 1 })).messages;
  return here?.seq === seq && plainRun(here.runId) === plainRun(runId);
}

/** As lines of the file. */
export async function readShared(store: Store, { key, seq, count }: SharedMessages): Promise<MovedMessage[]> {
  const { messages } = await store.listMessages(key, { limit: count, before: seq + count });
  return messages.map(({ id: _id, seq: at, runId, sessionKey, createdAt, ...message }) => ({
    type: "message",
    sessionKey,
    n: at - seq,
    at: createdAt,
    runId: plainRun(runId),
    message: message as MovedMessage["message"],
  }));
}

/** As it was where it was made, however often it was moved since, and as far as ids may have its characters. */
function plainRun(runId: string): string {
  return runId
    .replace(/^(?:import-[0-9a-f]{12}-)+/, "")
    .replace(/[^\w-]/g, "_")
    .slice(0, 100);
}

import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { writeMovedLine } from "../../base/input/writeMovedLine.ts";
import type { Message } from "../../protocol/message.ts";
import type { RunEvent } from "../../protocol/event.ts";
import type { Job } from "../../protocol/job.ts";
import {
  movedJob,
  type MovedJob,
  type MovedLine,
  type MovedMessage,
  type MovedSession,
} from "../../protocol/written/movedLine.ts";
import { toUsage } from "../../protocol/usage.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Store } from "../ports/store.ts";
import { firstSaid, isSaid } from "./firstSaid.ts";
import type { Meant } from "./foundPlace.ts";

const MOST_CHARS = 400_000;
const PAGE = 200;

/** Where an export goes on. */
interface Place {
  /** The key of the last session that was begun. */
  list?: string;
  /** Of a session that did not fit: its key, what it begins with, the last event looked at, and how many messages were told. */
  session?: { key: string; begunBy?: string; afterId: number; n: number };
}

/**
 * A page of an export: sessions, each followed by its messages. `cursor` is what the page before gave. They come in the order
 * of their keys: one that is used meanwhile neither goes missing nor comes twice.
 */
export async function exportSessions(store: Store, cursor?: string): Promise<{ lines: string[]; nextCursor?: string }> {
  const lines: string[] = [];
  let chars = 0;
  const add = (line: MovedLine) => {
    const text = writeMovedLine(line);
    lines.push(text);
    chars += text.length;
  };
  let place = fromCursor(cursor);
  for (;;) {
    if (place.session) {
      const rest = await exportMessages(store, place.session, add, () => chars >= MOST_CHARS);
      if (rest) return { lines, nextCursor: toCursor({ ...place, session: rest }) };
    }
    if (chars >= MOST_CHARS) return { lines, nextCursor: toCursor(defined({ list: place.list })) };
    const { sessions } = await store.listSessions({ limit: 1, afterKey: place.list ?? "" });
    const [session] = sessions;
    if (!session) return { lines };
    const moved = await toMoved(store, session);
    add(moved);
    const { key, begunBy } = moved;
    place = { list: key, session: { key, ...defined({ begunBy }), afterId: 0, n: 0 } };
  }
}

/** Jobs as they are, but those of openclaw.yml. */
export async function toMovedJob(store: Store, job: Job): Promise<MovedJob | undefined> {
  if (job.ownedByFile) return undefined;
  // What a job has beyond these belongs to where it is.
  const fields = Object.fromEntries(Object.entries(job).filter(([name]) => Object.hasOwn(movedJob.shape, name)));
  const { sessionTarget } = job;
  const target = isOwnPlace(sessionTarget) ? undefined : await meantBy(store, sessionTarget);
  const { createdAt: targetCreatedAt, begunBy: targetBegunBy } = target ?? {};
  return { ...(fields as Omit<MovedJob, "type">), type: "job", ...defined({ targetCreatedAt, targetBegunBy }) };
}

async function toMoved(store: Store, session: StoredSession): Promise<MovedSession> {
  const { key, kind, title, named, parentKey, workspace, model, createdAt, updatedAt, usage } = session;
  const { tools, agent, effort, pinned, archived } = session;
  // Each other mode lets more be done unasked than a gateway may be set up for.
  const mode: MovedSession["mode"] = session.mode?.is === "plan" ? "plan" : undefined;
  const rows = await store.listUsage({ sinceDay: "", sessionKey: key });
  const usageByDay = rows.map(({ sessionKey: _key, ...row }) => row);
  const parent = parentKey === undefined ? undefined : await meantBy(store, parentKey);
  const { createdAt: parentCreatedAt, begunBy: parentBegunBy } = parent ?? {};
  const begunBy = (await firstSaid(store, key))?.runId;
  return {
    type: "session",
    key,
    kind,
    ...defined({ title, named, parentKey, parentCreatedAt, parentBegunBy, workspace, model }),
    ...defined({ tools, agent, mode, effort, pinned, archived, begunBy }),
    createdAt,
    updatedAt,
    usage: toUsage(usage),
    ...(usageByDay.length > 0 ? { usageByDay } : {}),
  };
}

/** What of a session another line names it by; undefined where it is gone. */
async function meantBy(store: Store, key: string): Promise<Omit<Meant, "key"> | undefined> {
  const session = await store.getSession(key);
  if (!session) return undefined;
  const begunBy = (await firstSaid(store, key))?.runId;
  return { createdAt: session.createdAt, ...defined({ begunBy }) };
}

/**
 * Undefined once all are told. A step whose calls have not all ended yet is left for a later export, as is all that comes
 * behind a reset.
 */
async function exportMessages(
  store: Store,
  from: NonNullable<Place["session"]>,
  add: (line: MovedMessage) => void,
  isFull: () => boolean,
): Promise<Place["session"]> {
  const { key, begunBy } = from;
  let { afterId, n } = from;
  /** An answer with calls, and what of their results has come. */
  let step: RunEvent[] = [];
  let missing = new Set<string>();
  for (;;) {
    const events = await store.listEvents({ afterId, sessionKey: key, limit: PAGE });
    // Where it was reset meanwhile, these may be another's.
    if ((await firstSaid(store, key))?.runId !== begunBy) return undefined;
    for (const event of events) {
      if (event.type === "message" && isSaid(event.message)) {
        const { message } = event;
        if (message.role === "assistant") missing = new Set(message.toolCalls.map(({ id }) => id));
        else if (message.role === "tool") missing.delete(message.callId);
        step.push(event);
        if (missing.size === 0) {
          for (const one of step) add(toMessageLine(one, n++));
          step = [];
        }
      }
      afterId = event.id;
      // Only between steps: a page begins with whole ones.
      if (step.length === 0 && isFull()) return { ...from, afterId, n };
    }
    if (events.length < PAGE) return undefined;
  }
}

function toMessageLine(event: RunEvent, n: number): MovedMessage {
  if (event.type !== "message") throw new AppError("internal", "No message");
  const { sessionKey, runId, at, message } = event;
  // A provider's own form of it never leaves the gateway.
  const { native: _native, ...told } = message as Message & { native?: unknown };
  return { type: "message", sessionKey, n, at, runId, message: told as MovedMessage["message"] };
}

/** Of a job that works in a session of its own, or in main, which is another on each gateway. */
export function isOwnPlace(sessionTarget: string): boolean {
  return sessionTarget === "isolated" || sessionTarget === "main";
}

function isPlaceIn({ key, begunBy, afterId, n }: NonNullable<Place["session"]>): boolean {
  const isBegun = begunBy === undefined || typeof begunBy === "string";
  return typeof key === "string" && isBegun && isCount(afterId) && isCount(n);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function toCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function fromCursor(cursor: string | undefined): Place {
  if (cursor === undefined) return {};
  try {
    const place = JSON.parse(Buffer.from(cursor, "base64url").toString()) as Place;
    const { list, session } = place;
    const isList = list === undefined || typeof list === "string";
    const isSession = session === undefined || isPlaceIn(session);
    if (isList && isSession) return { ...defined({ list, session }) };
  } catch {
    // Refused below.
  }
  throw new AppError("bad_request", "cursor: it is not one that an answer gave");
}

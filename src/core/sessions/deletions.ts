import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { IdempotencyRecord, Keep } from "../ports/batch.ts";
import type { SessionQuery } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { nextChange } from "../runs/waitSpawned.ts";
import { type Storing, untilStored } from "../runs/untilStored.ts";
import { toldSession } from "../state/toldSession.ts";
import { removeAll } from "./deleteSession.ts";
import type { SessionParts } from "./sessionParts.ts";

/** Sessions that are deleted, and may be brought back for a while: no list tells them, and no call finds them. */
export interface Deletions {
  /** Marks it and all below it, once their runs are cancelled. Resolves with when they are erased. */
  put(key: string, undoMs: number, keep?: Keep<string>): Promise<string>;
  restore(key: string, keep?: Keep<StoredSession>): Promise<StoredSession>;
  /** Deletes it as soon as nothing is left to do in it and below it. */
  leave(key: string): Promise<void>;
  /** Of one that is to go (`cleanup`), after that: once nothing is left to do in it and below it, it is gone, and is erased. */
  follow(key: string, after?: Promise<unknown>): void;
  /** Erases what an earlier process could not, and follows what it began. */
  start(): Promise<void>;
  close(): void;
}

const PAGE = 200;

export function createDeletions(parts: SessionParts): Deletions {
  const { clock } = parts;
  const timers = new Map<string, Disposable>();
  const closing = new AbortController();
  /** Of each: marking it with all below it, and bringing that back. */
  const lanes = new Lanes();
  const eraseAt = (key: string, at: string): void => {
    timers.get(key)?.dispose();
    // What this process leaves, the next erases.
    if (closing.signal.aborted) return;
    timers.set(
      key,
      clock.at(Date.parse(at), () => {
        timers.delete(key);
        const { signal } = closing;
        const refused = saidOnce(parts, key);
        void untilStored(() => erase(parts, key, at), { clock, signal, refused });
      }),
    );
  };
  const follow = async (key: string, after?: Promise<unknown>): Promise<void> => {
    const { signal } = closing;
    const refused = (error: unknown) =>
      parts.log.warn("A session that goes by itself could not be followed", {
        session: key,
        error: describeError(error),
      });
    try {
      await after;
      const marked = await untilGone(parts, key, { clock, signal, refused });
      if (!marked) return;
      eraseAt(key, marked.at);
      await letGo(parts, lanes, key, marked);
    } catch (error) {
      refused(error);
    }
  };
  const restore: Deletions["restore"] = async (key, keep) => {
    const session = await parts.store.getSession(key);
    const lost = new AppError("not_found", `No session ${quotedLine(key)} can be brought back`);
    if (session?.deleting?.by !== key) throw lost;
    const above = session.parentKey === undefined ? undefined : await parts.store.getSession(session.parentKey);
    if (above?.deleting)
      throw new AppError("conflict", `It works for the session ${quotedLine(above.key)}, which is deleted, too`);
    // From then on it is being erased, some at a time.
    if (clock.now() >= Date.parse(session.deleting.at)) throw lost;
    timers.get(key)?.dispose();
    timers.delete(key);
    const isBelow = (one: StoredSession) => one.deleting?.by === key && one.key !== key;
    const { deleting: _, ...restored } = session;
    try {
      return await unmark(parts, [restored, ...(await listDeleting(parts)).filter(isBelow)], keep?.(restored));
    } catch (error) {
      eraseAt(key, session.deleting.at);
      throw error;
    }
  };
  return {
    async leave(key) {
      const left = { sessions: [{ key, patch: { cleanup: true as const } }], erasedAt: isoTime(clock.now()) };
      const [session] = (await parts.store.commit(left)).sessions;
      if (session?.deleting) await removeAll(parts, key);
      else void follow(key);
    },
    follow: (key, after) => void follow(key, after),
    async put(key, undoMs, keep) {
      await halt(parts, key);
      const at = isoTime(clock.now() + undoMs);
      await lanes.run(key, async () => {
        try {
          await mark(parts, key, { at, by: key }, keep?.(at));
        } finally {
          // Also where not all of it could be marked; not before, for its time may be over by then.
          eraseAt(key, at);
        }
      });
      return at;
    },
    restore: (key, keep) => lanes.run(key, () => restore(key, keep)),
    async start() {
      for (const { key, deleting } of await listDeleting(parts)) if (deleting?.by === key) eraseAt(key, deleting.at);
      for (const key of await parts.store.listCleanups()) void follow(key);
    },
    close() {
      closing.abort();
      for (const timer of timers.values()) timer.dispose();
      timers.clear();
    },
  };
}

/** Ends what it and all below it are at. Those below first: whoever they work for goes, too. */
async function halt(parts: SessionParts, key: string, top = key): Promise<void> {
  for (const child of await listBelow(parts, key)) {
    await parts.runs.stop(await parts.runs.unfinished(child.key), { sessionKey: top, cancelled: true });
    await halt(parts, child.key, top);
  }
  parts.compactions.stop(key, "the session was deleted");
  await parts.runs.cancelAll(key);
}

/** When it is erased; undefined where it was deleted otherwise or stays, or this process closes first. */
async function untilGone(
  { store, events }: SessionParts,
  key: string,
  storing: Storing,
): Promise<StoredSession["deleting"]> {
  const { signal } = storing;
  while (!signal.aborted) {
    // Listened to before it is looked, so that nothing is missed in between.
    const change = nextChange(events, signal);
    try {
      const session = await untilStored(() => store.getSession(key), storing);
      if (signal.aborted) break;
      if (!session?.cleanup) return session?.deleting?.by === key ? session.deleting : undefined;
      await change.promise;
    } finally {
      change.dispose();
    }
  }
  return undefined;
}

/** It is marked already, with the last end in it or below it. */
async function letGo(
  parts: SessionParts,
  lanes: Lanes,
  key: string,
  deleting: NonNullable<StoredSession["deleting"]>,
): Promise<void> {
  parts.events.tell({ type: "session.deleted", sessionKey: key });
  await halt(parts, key);
  await lanes.run(key, async () => {
    // It may have been brought back meanwhile.
    if ((await parts.store.getSession(key))?.deleting?.at !== deleting.at) return;
    for (const child of await listBelow(parts, key)) await mark(parts, child.key, deleting);
  });
}

/** Itself first: cut off by a kill, what is below it is still erased with it. */
async function mark(
  parts: SessionParts,
  key: string,
  deleting: NonNullable<StoredSession["deleting"]>,
  answers: IdempotencyRecord[] = [],
): Promise<void> {
  const { store, runs, events } = parts;
  await runs.between(key, () => store.commit({ sessions: [{ key, patch: { deleting, cleanup: null } }], answers }));
  events.tell({ type: "session.deleted", sessionKey: key });
  for (const child of await listBelow(parts, key)) await mark(parts, child.key, deleting);
}

/** All at once: what is left marked below one that is not would neither be erased nor come back. Resolves with the first. */
async function unmark(
  { store, events }: SessionParts,
  [first, ...below]: [StoredSession, ...StoredSession[]],
  answers: IdempotencyRecord[] = [],
): Promise<StoredSession> {
  const changes = [first, ...below].map(({ key }) => ({ key, patch: { deleting: null } }));
  const { sessions } = await store.commit({ sessions: changes, answers });
  for (const session of sessions) events.tell({ type: "session.changed", session: toldSession(session) });
  return sessions[0] ?? first;
}

/** Does nothing where it was brought back meanwhile. */
async function erase(parts: SessionParts, key: string, at: string): Promise<void> {
  const session = await parts.store.getSession(key);
  if (session?.deleting?.at === at) await removeAll(parts, key);
}

/** It is tried again and again, and stays deleted: where this process ends before, the next that leads erases it. */
function saidOnce({ log }: SessionParts, key: string): (error: unknown) => void {
  let isSaid = false;
  return (error) => {
    if (!isSaid) log.warn("A deleted session could not be erased yet", { session: key, error: describeError(error) });
    isSaid = true;
  };
}

function listDeleting(parts: SessionParts): Promise<StoredSession[]> {
  return listAll(parts, { deleting: true });
}

function listBelow(parts: SessionParts, parentKey: string): Promise<StoredSession[]> {
  return listAll(parts, { parentKey });
}

async function listAll({ store }: SessionParts, query: Omit<SessionQuery, "limit">): Promise<StoredSession[]> {
  const all: StoredSession[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.listSessions({ ...query, limit: PAGE, ...defined({ cursor }) });
    all.push(...page.sessions);
    if (page.nextCursor === undefined) return all;
    cursor = page.nextCursor;
  }
}

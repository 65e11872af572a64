import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { visibleLine } from "../../base/visible.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { NewSession, Workspaces } from "../core.ts";
import type { Store } from "../ports/store.ts";
import { NO_USAGE } from "../models/usageSum.ts";

export const MAIN = "main";

/** Sessions as they are now. One object per session, so that each write builds on the one before. */
export interface SessionCache {
  /** not_found for an unknown key; "main" is always there. */
  get(key: string): Promise<StoredSession>;
  /** The changed session, for the caller to store. Must be loaded by `get` before. */
  edit(key: string, change: (session: StoredSession) => StoredSession): StoredSession;
  /** A new one, for the caller to store. */
  make(session: NewSession & { title?: string }): StoredSession;
  /** Reads it afresh next time: it was deleted, or a write failed. */
  forget(key: string): void;
}

const KEEP = 2000;

export function createSessionCache(options: { store: Store; clock: Clock; workspaces: Workspaces }): SessionCache {
  const { store, clock } = options;
  const known = new Map<string, StoredSession>();

  const put = (session: StoredSession): StoredSession => {
    known.set(session.key, session);
    return session;
  };

  const create = (key: string, kind: StoredSession["kind"], given: NewSession): StoredSession => {
    const now = isoTime(clock.now());
    const workspace = given.workspace === undefined ? options.workspaces.list()[0] : given.workspace;
    return {
      key,
      kind,
      ...(given.title ? { title: toTitle(given.title) } : {}),
      ...(given.parentKey ? { parentKey: given.parentKey } : {}),
      ...(workspace ? { workspace } : {}),
      ...(given.model ? { model: given.model } : {}),
      state: "idle",
      usage: NO_USAGE,
      messageCount: 0,
      contextTokens: 0,
      createdAt: now,
      updatedAt: now,
    };
  };

  /** "main" belongs to no folder of its own: it works in the one that is open. */
  const settle = (session: StoredSession): StoredSession => {
    if (session.key !== MAIN) return session;
    const { workspace, ...rest } = session;
    const now =
      (workspace === undefined ? undefined : options.workspaces.find(workspace)) ?? options.workspaces.list()[0];
    if (now === workspace) return session;
    return now === undefined ? rest : { ...rest, workspace: now };
  };

  return {
    async get(key) {
      const cached = known.get(key);
      if (cached) return put(settle(cached));
      const stored = await store.getSession(key);
      const raced = known.get(key);
      if (raced) return raced;
      if (stored) {
        prune(known);
        return put(settle(stored));
      }
      if (key !== MAIN) throw new AppError("not_found", `No session ${JSON.stringify(visibleLine(key, 80))} exists`);
      const main = put(create(MAIN, "main", { title: "Main" }));
      await store.commit({ sessions: [main] });
      return known.get(MAIN) ?? main;
    },
    edit(key, change) {
      const session = known.get(key);
      if (!session) throw new Error(`Session ${key} was not loaded`);
      return put(change(session));
    },
    make(given) {
      const key = given.key ?? newId("s");
      // Two callers that both found the key free must not have two objects.
      return known.get(key) ?? put(create(key, given.kind ?? "isolated", given));
    },
    forget: (key) => known.delete(key),
  };
}

/** The first line of a text, short enough for a tree. */
export function toTitle(text: string): string {
  return visibleLine(text.trim().split("\n", 1)[0] ?? "", 80);
}

function prune(known: Map<string, StoredSession>): void {
  if (known.size < KEEP) return;
  for (const [key, session] of known) {
    if (session.state === "idle" || session.state === "failed") known.delete(key);
    if (known.size < KEEP / 2) return;
  }
}

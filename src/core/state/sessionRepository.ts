import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { newId } from "../../base/id.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { NewSession } from "../services/sessionService.ts";
import type { Workspaces } from "../services/workspaceService.ts";
import type { Store } from "../ports/store.ts";
import { NO_USAGE } from "../models/usageSum.ts";

export const MAIN = "main";

/** What the keys of sessions begin with that /v1 made: nobody but their client goes on in them. */
export const OPENAI_KEYS = "openai-";
/** Those of them that were made for one answer, which is not to be stored. */
export const ONCE_KEYS = "openai-once-";

/** Sessions as they are stored now: read each time, because another process may have changed them. */
export interface SessionRepository {
  /** not_found for an unknown key; "main" is always there. */
  get(key: string): Promise<StoredSession>;
  /** One that was read or written just now, as `get` gives it. */
  settled(stored: StoredSession): Promise<StoredSession>;
  /** A new one, for the caller to store. */
  make(session: NewSession & { title?: string }): StoredSession;
}

export function createSessionRepository(options: {
  store: Store;
  clock: Clock;
  workspaces: Workspaces;
  /** Whether "main" works in this process's folders. */
  leads: () => boolean;
}): SessionRepository {
  const { store, clock } = options;
  const create = (key: string, kind: StoredSession["kind"], given: NewSession): StoredSession => {
    const now = isoTime(clock.now());
    const workspace = given.workspace === undefined ? options.workspaces.list()[0] : given.workspace;
    return {
      key,
      kind,
      ...(given.title ? { title: toTitle(given.title, MOST_TITLE) } : {}),
      ...(given.parentKey ? { parentKey: given.parentKey } : {}),
      ...(workspace ? { workspace } : {}),
      ...(given.model ? { model: given.model } : {}),
      ...defined({ tools: given.tools, agent: given.agent }),
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
    if (session.key !== MAIN || !options.leads()) return session;
    const { workspace, ...rest } = session;
    const now =
      (workspace === undefined ? undefined : options.workspaces.find(workspace)) ?? options.workspaces.list()[0];
    if (now === workspace) return session;
    return now === undefined ? rest : { ...rest, workspace: now };
  };

  const settled = async (stored: StoredSession): Promise<StoredSession> => {
    const session = settle(stored);
    if (session !== stored)
      await store.commit({ sessions: [{ key: stored.key, patch: { workspace: session.workspace ?? null } }] });
    return session;
  };

  return {
    settled,
    async get(key) {
      const stored = await store.getSession(key);
      if (stored && !stored.deleting) return settled(stored);
      if (key !== MAIN) throw new AppError("not_found", `No session ${quotedLine(key)} exists`);
      const { sessions } = await store.commit({ sessions: [{ put: create(MAIN, "main", { title: "Main" }) }] });
      return sessions[0]!;
    },
    make: (given) => create(given.key ?? newId("s"), given.kind ?? "isolated", given),
  };
}

/** What a title may have that somebody gave. */
export const MOST_TITLE = 200;
/** The same of one that is the beginning of a text. */
export const MOST_TEXT_TITLE = 80;

/** The first line of a text, short enough for a tree. */
export function toTitle(text: string, most = MOST_TEXT_TITLE): string {
  return visibleLine(text.trim().split("\n", 1)[0] ?? "", most);
}

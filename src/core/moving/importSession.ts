import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { MovedMessage, MovedSession, TakenSession } from "../../protocol/written/movedLine.ts";
import type { Batch } from "../ports/batch.ts";
import type { Committed, Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";

export interface ImportParts {
  store: Store;
  /** Stores, and tells whoever watches. */
  commit(batch: Batch): Promise<Committed>;
  /** The folder as it is listed here; undefined: a session of a file may not work there. */
  folder(named: string): string | undefined;
}

/**
 * Takes a session of a file in, or those of its messages that are not here yet. Its key stays, unless another session has
 * it here: then it is `imported-…`, the same each time. What was taken is known by the runs of its messages, `import-…`.
 */
export async function importSession(
  parts: ImportParts,
  moved: MovedSession,
  messages: MovedMessage[],
  { dryRun }: { dryRun: boolean },
): Promise<TakenSession> {
  const mark = createHash("sha256").update(`${moved.key}\n${moved.createdAt}`).digest("hex").slice(0, 12);
  const there = await findPlace(parts.store, moved, mark);
  const taken = (state: TakenSession["state"], count = 0) => ({
    key: moved.key,
    to: there.key,
    state,
    messages: count,
  });
  const folder = moved.workspace === undefined ? undefined : parts.folder(moved.workspace);
  if (there.position === undefined) {
    const more = (messages.at(-1)?.n ?? -1) >= (there.session?.messageCount ?? 0);
    return taken(more ? "kept" : there.state);
  }
  const { position } = there;
  const news = messages.filter(({ n }) => n >= position);
  const isNew = there.session === undefined;
  // What comes before it is only foretold, in a dry run.
  const first = dryRun && isNew ? (news[0]?.n ?? 0) : position;
  for (const [index, { n }] of news.entries()) {
    if (n === first + index) continue;
    throw new AppError("bad_request", `Message ${first + index} of session ${quotedLine(moved.key)} is missing`);
  }
  if (news.length === 0 && !isNew) return taken("there");
  if (!dryRun) await parts.commit(toBatch(moved, news, { key: there.key, mark, there: there.session, folder }));
  const leftFolder = isNew && folder === undefined ? moved.workspace : undefined;
  return { ...taken(isNew ? "made" : "grown", news.length), ...defined({ leftFolder }) };
}

interface FoundPlace {
  key: string;
  session?: StoredSession;
  /** How many of the file's messages are here; undefined: none is to be added. */
  position: number | undefined;
  state: "there" | "kept";
}

async function findPlace(store: Store, moved: MovedSession, mark: string): Promise<FoundPlace> {
  for (const key of [...(isPlainKey(moved.key) ? [moved.key] : []), `imported-${mark}`]) {
    const session = await store.getSession(key);
    if (!session) return { key, position: 0, state: "there" };
    const [first] = await store.listEvents({ afterId: 0, sessionKey: key, limit: 1 });
    if (first === undefined) {
      // An empty main is anybody's.
      if (key === "main" || session.createdAt === moved.createdAt) return { key, session, position: 0, state: "there" };
      continue;
    }
    if (!first.runId.startsWith(`import-${mark}-`)) {
      if (session.createdAt === moved.createdAt) return { key, session, position: undefined, state: "there" };
      continue;
    }
    const [last] = (await store.listMessages(key, { limit: 1 })).messages;
    const isOnlyTaken = last?.runId.startsWith(`import-${mark}-`) ?? false;
    return isOnlyTaken
      ? { key, session, position: session.messageCount, state: "there" }
      : { key, session, position: undefined, state: "kept" };
  }
  throw new AppError("conflict", `Session ${quotedLine(moved.key)} has no place here: its keys are other sessions'`);
}

function toBatch(
  moved: MovedSession,
  news: MovedMessage[],
  to: { key: string; mark: string; there: StoredSession | undefined; folder: string | undefined },
): Batch {
  const { key, mark, there, folder } = to;
  const { usageByDay = [], type: _type, key: _key, kind, workspace: _workspace, parentKey, ...fields } = moved;
  const session: StoredSession = {
    key,
    kind: key === "main" ? "main" : kind === "main" ? "isolated" : kind,
    ...fields,
    ...defined({
      workspace: folder,
      parentKey: parentKey !== undefined && isPlainKey(parentKey) ? parentKey : undefined,
    }),
    state: "idle",
    messageCount: 0,
    contextTokens: 0,
  };
  const isFirst = there === undefined || (there.messageCount === 0 && news[0]?.n === 0);
  return {
    sessions: [
      { put: session },
      ...(there ? [{ key, patch: { updatedAt: moved.updatedAt } }] : []),
      { key, add: { messageCount: news.length, ...(there && isFirst ? { usage: moved.usage } : {}) } },
    ],
    facts: news.map(({ at, runId, message }) => ({
      source: { runId: `import-${mark}-${plainId(runId)}`, sessionKey: key },
      facts: [{ type: "message", message }],
      at,
    })),
    ...(isFirst ? { usage: usageByDay.map((row) => ({ ...row, sessionKey: key })) } : {}),
  };
}

/** Keys are shown, and name folders: one of a file that looks like none of ours is another here. */
function isPlainKey(key: string): boolean {
  return /^\w[\w:.@+=-]*$/.test(key) && !key.includes("..");
}

function plainId(runId: string): string {
  return runId.replace(/[^\w-]/g, "_").slice(0, 100);
}

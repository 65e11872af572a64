import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { MovedMessage, MovedSession, TakenSession } from "../../protocol/written/movedLine.ts";
import { importedDay } from "../models/tokenDay.ts";
import { totalTokens } from "../models/usageSum.ts";
import type { Batch, BudgetChange } from "../ports/batch.ts";
import type { Committed, Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";

export interface ImportParts {
  store: Store;
  /** Stores, and tells whoever watches. */
  commit(batch: Batch): Promise<Committed>;
  /** The folder as it is listed here; undefined: a session of a file may not work there. */
  folder(named: string): string | undefined;
  now(): number;
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
  const mark = markOf(moved);
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
  if (!dryRun) {
    const parentKey = await parentOf(parts.store, moved, there.key);
    await parts.commit(
      toBatch(moved, news, { key: there.key, mark, there: there.session, folder, parentKey, now: parts.now() }),
    );
  }
  const leftFolder = isNew && folder === undefined ? moved.workspace : undefined;
  return { ...taken(isNew ? "made" : "grown", news.length), ...defined({ leftFolder }) };
}

/** What a session of a file is called here, or will be once it is taken. */
export async function placeOf(store: Store, of: Pick<MovedSession, "key" | "createdAt">): Promise<string> {
  return (await findPlace(store, of, markOf(of))).key;
}

function markOf({ key, createdAt }: Pick<MovedSession, "key" | "createdAt">): string {
  return createHash("sha256").update(`${key}\n${createdAt}`).digest("hex").slice(0, 12);
}

/** Its parent's key here; undefined where there is none, or where it would come to stand above itself. */
async function parentOf(store: Store, moved: MovedSession, ownKey: string): Promise<string | undefined> {
  const { parentKey: key, parentCreatedAt: createdAt } = moved;
  if (key === undefined || ownKey === "main") return undefined;
  const parent = createdAt === undefined ? key : await placeOf(store, { key, createdAt });
  if (!isPlainKey(parent)) return undefined;
  // Whoever walks up or down a ring never comes to an end.
  for (let at: string | undefined = parent; at !== undefined; at = (await store.getSession(at))?.parentKey)
    if (at === ownKey) return undefined;
  return parent;
}

interface FoundPlace {
  key: string;
  session?: StoredSession;
  /** How many of the file's messages are here; undefined: none is to be added. */
  position: number | undefined;
  state: "there" | "kept";
}

async function findPlace(
  store: Store,
  moved: Pick<MovedSession, "key" | "createdAt">,
  mark: string,
): Promise<FoundPlace> {
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
  to: {
    key: string;
    mark: string;
    there: StoredSession | undefined;
    folder: string | undefined;
    parentKey: string | undefined;
    now: number;
  },
): Batch {
  const { key, mark, there, folder, parentKey, now } = to;
  const { usageByDay = [], type: _type, key: _key, kind, workspace: _workspace, ...told } = moved;
  const { parentKey: _parent, parentCreatedAt: _of, ...fields } = told;
  const session: StoredSession = {
    key,
    kind: key === "main" ? "main" : kind === "main" ? "isolated" : kind,
    ...fields,
    ...defined({ workspace: folder, parentKey }),
    state: "idle",
    messageCount: 0,
    contextTokens: 0,
  };
  // One that was taken without a message yet has its usage; an empty main of another time has not.
  const isFirst = there === undefined || (there.createdAt !== moved.createdAt && there.messageCount === 0);
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
    ...(isFirst
      ? {
          usage: usageByDay.map((row) => ({ ...row, sessionKey: key })),
          budgets: paidElsewhere(usageByDay, isoTime(now)),
        }
      : {}),
  };
}

/** What was used elsewhere today does not count here: the day's budgets leave it out. */
function paidElsewhere(usageByDay: NonNullable<MovedSession["usageByDay"]>, at: string): BudgetChange[] {
  return usageByDay
    .filter(({ day }) => day >= at.slice(0, 10))
    .flatMap((row) => {
      const used = { usd: row.costUsd, tokens: totalTokens(row) };
      return [importedDay(row.day), importedDay(row.day, row.model)].map((key) => ({ key, at, used }));
    });
}

/** Keys are shown, and name folders: one of a file that looks like none of ours is another here. */
function isPlainKey(key: string): boolean {
  return /^\w[\w:.@+=-]*$/.test(key) && !key.includes("..");
}

function plainId(runId: string): string {
  return runId.replace(/[^\w-]/g, "_").slice(0, 100);
}

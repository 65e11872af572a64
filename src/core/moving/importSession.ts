import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { Origin } from "../../protocol/message.ts";
import type { MovedMessage, MovedSession, TakenSession } from "../../protocol/written/movedLine.ts";
import { importedDay } from "../models/tokenDay.ts";
import { totalTokens } from "../models/usageSum.ts";
import type { Batch, BudgetChange } from "../ports/batch.ts";
import type { Committed, Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { findPlace, isPlainKey, markOf, type Meant, readShared, takenRun } from "./foundPlace.ts";

export interface ImportParts {
  store: Store;
  /** Stores, and tells whoever watches. */
  commit(batch: Batch): Promise<Committed>;
  /** The folder as it is listed here; undefined: a session of a file may not work there. */
  folder(named: string): string | undefined;
  now(): number;
  /** Who takes it in. */
  by: Origin;
}

/**
 * Takes a session of a file in, or those of its messages that are not here yet; without `isWritten` it only says what would be
 * done. Its key stays, unless another session has it here: then it is `imported-…`, the same each time. What was taken is known
 * by the runs of its messages, `import-…`. In a dry run what comes before them may be foretold by a call before.
 */
export async function importSession(
  parts: ImportParts,
  moved: MovedSession,
  messages: MovedMessage[],
  { dryRun, isWritten }: { dryRun: boolean; isWritten: boolean },
): Promise<TakenSession> {
  const there = await findPlace(parts.store, moved, messages, { isForetold: dryRun });
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
  const whole = there.before ? [...(await readShared(parts.store, there.before)), ...messages.slice(1)] : messages;
  const news = whole.filter(({ n }) => n >= position);
  const isNew = there.session === undefined;
  const first = dryRun ? (news[0]?.n ?? 0) : position;
  for (const [index, { n }] of news.entries()) {
    if (n === first + index) continue;
    throw new AppError("bad_request", `Message ${first + index} of session ${quotedLine(moved.key)} is missing`);
  }
  if (news.length === 0 && !isNew) return taken("there");
  if (isWritten) {
    const { key, session, isBeside } = there;
    const parentKey = await parentOf(parts.store, moved, key);
    const { by, now } = parts;
    const to = { key, there: session, isCounted: isBeside === true, folder, parentKey, by, now: now() };
    await parts.commit(toBatch(moved, news, to));
  }
  const leftFolder = isNew && folder === undefined ? moved.workspace : undefined;
  return { ...taken(isNew ? "made" : "grown", news.length), ...defined({ leftFolder }) };
}

/** What a session of a file is called here, or will be once it is taken. */
export async function placeOf(store: Store, meant: Meant): Promise<string> {
  return (await findPlace(store, meant)).key;
}

/** Its parent's key here; undefined where there is none, or where it would come to stand above itself. */
async function parentOf(store: Store, moved: MovedSession, ownKey: string): Promise<string | undefined> {
  const { parentKey: key, parentCreatedAt: createdAt, parentBegunBy: begunBy } = moved;
  if (key === undefined || ownKey === "main") return undefined;
  const parent = createdAt === undefined ? key : await placeOf(store, { key, createdAt, ...defined({ begunBy }) });
  if (!isPlainKey(parent)) return undefined;
  // Whoever walks up or down a ring never comes to an end.
  for (let at: string | undefined = parent; at !== undefined; at = (await store.getSession(at))?.parentKey)
    if (at === ownKey) return undefined;
  return parent;
}

function toBatch(
  moved: MovedSession,
  news: MovedMessage[],
  to: {
    key: string;
    there: StoredSession | undefined;
    /** Its days of usage are here. */
    isCounted: boolean;
    folder: string | undefined;
    parentKey: string | undefined;
    by: Origin;
    now: number;
  },
): Batch {
  const { key, there, isCounted, folder, parentKey, by, now } = to;
  const { title, named, model, tools, agent, effort, pinned, archived, createdAt, updatedAt, usage } = moved;
  const { kind, mode, usageByDay = [] } = moved;
  const mark = markOf(moved);
  const session: StoredSession = {
    key,
    kind: key === "main" ? "main" : kind === "main" ? "isolated" : kind,
    ...defined({ title, named, model, tools, agent, effort, pinned, archived }),
    ...defined({ workspace: folder, parentKey, mode: mode && { is: mode, by } }),
    createdAt,
    updatedAt,
    usage,
    state: "idle",
    messageCount: 0,
    contextTokens: 0,
  };
  // One that was taken without a message yet has its usage; an empty main of another time has not.
  const isFirst = there === undefined || (there.createdAt !== createdAt && there.messageCount === 0);
  return {
    sessions: [
      { put: session },
      ...(there ? [{ key, patch: { updatedAt } }] : []),
      { key, add: { messageCount: news.length, ...(there && isFirst ? { usage } : {}) } },
    ],
    facts: news.map(({ at, runId, message }) => ({
      source: { runId: takenRun(mark, runId), sessionKey: key },
      facts: [{ type: "message", message }],
      at,
    })),
    ...(isFirst && !isCounted
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

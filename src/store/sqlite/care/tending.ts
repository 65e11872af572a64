import { setImmediate } from "node:timers/promises";
import { describeError, type Log } from "../../../base/log.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Database } from "../database.ts";
import { isDamage } from "../failure.ts";
import { besideLoop } from "./besideLoop.ts";
import { listChecks, listParts } from "./condition.ts";

const CHECKED_EVERY_MS = 24 * 3_600_000;
// Room that is kept for what comes next: 2 MB.
const PAGES_KEPT = 512;
// Moving so many takes some milliseconds.
const PAGES_A_SLICE = 64;
const MOST_SLICES = 64;

export interface TendedStore {
  db: Database;
  path: string;
  clock: Clock;
  log: Log;
  /** Damage was met: the next start reads every page, and repairs. */
  onDamage(): void;
}

/** See Store.tend. */
export async function tend(store: TendedStore, signal: AbortSignal): Promise<boolean> {
  return (await checkNext(store, signal)) || (await giveBack(store, signal));
}

/** Looks over one table and its indexes, in a thread beside. False when each was looked over today. */
async function checkNext({ db, path, clock, log, onDamage }: TendedStore, signal: AbortSignal): Promise<boolean> {
  const part = db.read(() => duePart(db, clock.now()));
  if (part === undefined) return false;
  const problem = await findProblem(path, part, signal);
  if (signal.aborted) return false;
  db.write(() =>
    db.run(
      `INSERT INTO checks (part, at, problem) VALUES (?, ?, ?)
        ON CONFLICT (part) DO UPDATE SET at = excluded.at, problem = excluded.problem`,
      part,
      clock.now(),
      problem ?? null,
    ),
  );
  if (problem === undefined) return true;
  onDamage();
  log.error(
    "The store is damaged. Start Pincer again: it then puts what can be read into a new store, and keeps the damaged one beside it",
    { path, part, problem },
  );
  return true;
}

/** The one that was looked over longest ago. */
function duePart(db: Database, now: number): string | undefined {
  const times = new Map(listChecks(db).map(({ part, at }) => [part, at]));
  const [next] = listParts(db)
    .map((part) => ({ part, at: times.get(part) ?? 0 }))
    .toSorted((a, b) => a.at - b.at);
  return next && next.at <= now - CHECKED_EVERY_MS ? next.part : undefined;
}

async function findProblem(path: string, part: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const [lines = []] = await besideLoop(path, [{ sql: `PRAGMA integrity_check("${part}")` }], signal);
    return lines.length === 1 && lines[0] === "ok" ? undefined : lines.slice(0, 3).join("; ");
  } catch (error) {
    if (isDamage(error)) return error instanceof Error ? error.message : describeError(error);
    throw error;
  }
}

/** Makes the file smaller by what nothing uses, some pages at a time. False when there is nothing to give back. */
async function giveBack({ db }: TendedStore, signal: AbortSignal): Promise<boolean> {
  const free = () => (isShrinking(db) ? Number(db.get("PRAGMA freelist_count")?.freelist_count) - PAGES_KEPT : 0);
  if (db.read(free) <= 0) return false;
  for (let slice = 0; slice < MOST_SLICES && !signal.aborted; slice++) {
    if (db.read(free) <= 0) break;
    db.read(() => db.all(`PRAGMA incremental_vacuum(${PAGES_A_SLICE})`));
    await setImmediate();
  }
  return !signal.aborted;
}

function isShrinking(db: Database): boolean {
  return db.get("PRAGMA auto_vacuum")?.auto_vacuum === 2;
}

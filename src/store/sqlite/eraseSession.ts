import { setImmediate } from "node:timers/promises";
import type { IdempotencyRecord } from "../../core/ports/batch.ts";
import { putAnswer } from "./answersTable.ts";
import type { Database } from "./database.ts";
import { lastNumbers, reserveEventId, reserveSeq } from "./eventsTable.ts";
import { hasUnfinished } from "./queue/lanesTable.ts";
import { dropRuns } from "./runsTable.ts";
import { unindexFrom } from "./search/textIndex.ts";

// So many of either take some hundredths of a second, in which nothing else goes on.
const SLICE = 500;

/**
 * Removes a session after all below it. Events and runs go in slices, each a transaction, the newest first: what is left in
 * between is a history that ended earlier. Usage stays, because it was spent. With `unusedSince` it goes only where nothing
 * is below it and nothing has happened in it since then, or waits; false where it stays.
 */
export async function deleteSession(
  db: Database,
  key: string,
  { unusedSince, answers = [] }: { unusedSince?: string; answers?: IdempotencyRecord[] } = {},
): Promise<boolean> {
  const doomed = db.read(() => listDoomed(db, key));
  if (unusedSince !== undefined && !db.read(() => isUnused(db, key, unusedSince, doomed.length))) return false;
  for (const one of doomed.toReversed()) {
    while (db.write(() => eraseSlice(db, one))) await setImmediate();
    const isGone = db.write(() => {
      // Whatever was put down meanwhile was promised to be answered.
      if (unusedSince !== undefined && !isUnused(db, one, unusedSince, doomed.length)) return false;
      eraseSlice(db, one);
      db.run("UPDATE slots SET body = NULL WHERE session_key = ?", one);
      db.run("DELETE FROM sessions WHERE key = ?", one);
      if (one === key) for (const answer of answers) putAnswer(db, answer);
      return true;
    });
    if (!isGone) return false;
  }
  return true;
}

/** A run that waits stays, with its message: it came while this was under way. In slices, as above. */
export async function clearSession(db: Database, key: string): Promise<void> {
  while (db.write(() => eraseSlice(db, key))) await setImmediate();
  db.write(() => {
    eraseSlice(db, key);
    db.run("DELETE FROM approvals WHERE session_key = ?", key);
  });
}

/** It and all below it, parents first. */
function listDoomed(db: Database, key: string): string[] {
  const rows = db.all(
    `WITH RECURSIVE doomed (key) AS (
        SELECT key FROM sessions WHERE key = ?
        UNION SELECT child.key FROM sessions AS child JOIN doomed ON child.parent_key = doomed.key
      ) SELECT key FROM doomed`,
    key,
  );
  return rows.map((row) => String(row.key));
}

function isUnused(db: Database, key: string, since: string, doomed: number): boolean {
  const found = db.get("SELECT 1 FROM sessions WHERE key = ? AND updated_at < ?", key, since);
  return found !== undefined && doomed === 1 && !hasUnfinished(db, key);
}

/** Erases the newest of it. True when there is more than can go at once: one slice more is left for the end. */
function eraseSlice(db: Database, key: string): boolean {
  // The newest events go, and their numbers must not be handed out again.
  const { id, seq } = lastNumbers(db, key);
  reserveEventId(db, id);
  reserveSeq(db, key, seq);
  // Runs first: what they have used is read from their events.
  const hasMoreRuns = dropRuns(db, key, SLICE);
  if (hasMoreRuns) return true;
  const rest = db.get("SELECT seq FROM events WHERE session_key = ? ORDER BY seq DESC LIMIT 1 OFFSET ?", key, SLICE);
  const from = rest === undefined ? 0 : Number(rest.seq) + 1;
  unindexFrom(db, key, from);
  db.run("DELETE FROM events WHERE session_key = ? AND seq >= ?", key, from);
  return rest !== undefined;
}

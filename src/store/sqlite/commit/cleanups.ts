import type { StoredSession } from "../../../core/ports/storedSession.ts";
import type { Database } from "../database.ts";
import { changeSession } from "../sessionsTable.ts";

const IS_ABOVE = "UNION SELECT parent_key FROM above CROSS JOIN sessions USING (key) WHERE parent_key IS NOT NULL";
const GO = "SELECT key FROM above CROSS JOIN sessions USING (key) WHERE body ->> '$.cleanup' IS NOT NULL";

export const CLEANUPS_SQL = `WITH RECURSIVE above (key) AS (
    SELECT session_key FROM runs WHERE state <> 'finished' ${IS_ABOVE}
  ) ${GO}`;

/** All that are to go and have something left to do. */
export function listCleanups(db: Database): string[] {
  return db.all(CLEANUPS_SQL).map(({ key }) => String(key));
}

export const CLEANUPS_ABOVE_SQL = `WITH RECURSIVE above (key) AS (VALUES (?) ${IS_ABOVE}) ${GO}`;

export const LEFT_TO_DO_SQL = `WITH RECURSIVE below (key) AS (
    VALUES (?) UNION SELECT sessions.key FROM below CROSS JOIN sessions ON parent_key = below.key
  )
  SELECT 1 FROM below CROSS JOIN runs ON session_key = below.key AND state <> 'finished' LIMIT 1`;

/** Marks those of these sessions and of those above them that are to go, and have nothing left to do; they are erased `at` that time. */
export function leaveDone(db: Database, keys: string[], at: string): StoredSession[] {
  const found = new Set(keys.flatMap((key) => db.all(CLEANUPS_ABOVE_SQL, key).map((row) => String(row.key))));
  return [...found].flatMap((key) => {
    if (db.get(LEFT_TO_DO_SQL, key)) return [];
    return changeSession(db, [{ key, patch: { cleanup: null, deleting: { at, by: key } } }], key);
  });
}

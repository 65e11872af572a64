import type { SQLInputValue } from "node:sqlite";
import type { SessionQuery } from "../../core/ports/store.ts";
import type { StoredSession } from "../../core/ports/storedSession.ts";
import { fromCursor, toCursor } from "./cursor.ts";
import type { Database } from "./database.ts";
import { lastEventId, lastSeq, reserveEventId, reserveSeq } from "./countersTable.ts";
import { fold, matching, unindexSession } from "./textIndex.ts";

export function putSession(db: Database, session: StoredSession): void {
  db.run(
    `INSERT INTO sessions (key, kind, parent_key, updated_at, folded, body) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, parent_key = excluded.parent_key,
        updated_at = excluded.updated_at, folded = excluded.folded, body = excluded.body`,
    session.key,
    session.kind,
    session.parentKey ?? null,
    session.updatedAt,
    fold(`${session.title ?? ""}\n${session.key}`),
    JSON.stringify(session),
  );
}

export function getSession(db: Database, key: string): StoredSession | undefined {
  const row = db.get("SELECT body FROM sessions WHERE key = ?", key);
  return row && JSON.parse(String(row.body));
}

export function listSessions(db: Database, query: SessionQuery): { sessions: StoredSession[]; nextCursor?: string } {
  const { sql, values } = toSessionsSql(query);
  const rows = db.all(sql, ...values);
  const sessions = rows.slice(0, query.limit).map((row) => JSON.parse(String(row.body)) as StoredSession);
  const last = sessions.at(-1);
  if (last === undefined || rows.length <= query.limit) return { sessions };
  return { sessions, nextCursor: toCursor(last.updatedAt, last.key) };
}

/** One row more than `limit`, to see whether there is a next page. */
export function toSessionsSql(query: SessionQuery): { sql: string; values: SQLInputValue[] } {
  const terms = ["true"];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...more: SQLInputValue[]) => {
    terms.push(sql);
    values.push(...more);
  };
  if (query.parentKey !== undefined) add("parent_key = ?", query.parentKey);
  if (query.kinds !== undefined) add("kind IN (SELECT value FROM json_each(?))", JSON.stringify(query.kinds));
  if (query.search !== undefined && query.search.trim() !== "") {
    const match = matching(query.search);
    add(match.sql, ...match.values);
  }
  if (query.cursor !== undefined) add("(updated_at, key) < (?, ?)", ...fromCursor(query.cursor));
  const sql = `SELECT body FROM sessions WHERE ${terms.join(" AND ")} ORDER BY updated_at DESC, key DESC LIMIT ?`;
  return { sql, values: [...values, query.limit + 1] };
}

/** Events and runs go by their foreign keys; usage stays, because it was spent. */
export function deleteSession(db: Database, key: string): void {
  const rows = db.all(
    `WITH RECURSIVE doomed (key) AS (
        SELECT key FROM sessions WHERE key = ?
        UNION SELECT child.key FROM sessions AS child JOIN doomed ON child.parent_key = doomed.key
      ) SELECT key FROM doomed`,
    key,
  );
  for (const key of rows.map((row) => String(row.key)).toReversed()) {
    keepNumbers(db, key);
    unindexSession(db, key);
    db.run("UPDATE slots SET body = NULL WHERE session_key = ?", key);
    db.run("DELETE FROM sessions WHERE key = ?", key);
  }
}

export function clearSession(db: Database, key: string): void {
  keepNumbers(db, key);
  unindexSession(db, key);
  db.run("DELETE FROM events WHERE session_key = ?", key);
  db.run("DELETE FROM runs WHERE session_key = ?", key);
}

// The newest events go, and their numbers must not be handed out again.
function keepNumbers(db: Database, key: string): void {
  reserveEventId(db, lastEventId(db));
  reserveSeq(db, key, lastSeq(db, key));
}

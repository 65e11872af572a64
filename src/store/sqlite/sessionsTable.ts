import type { SQLInputValue } from "node:sqlite";
import { defined } from "../../base/defined.ts";
import type { SessionChange } from "../../core/ports/batch.ts";
import type { SessionQuery } from "../../core/ports/store.ts";
import type { StoredSession } from "../../core/ports/storedSession.ts";
import { fromCursor, toCursor } from "./cursor.ts";
import type { Database } from "./database.ts";
import { addUsage } from "../../protocol/usage.ts";
import { fold } from "./search/foldText.ts";
import { matching } from "./search/textIndex.ts";

/** Leaves one of that key as it is. */
export function insertSession(db: Database, session: StoredSession): void {
  db.run(
    `INSERT INTO sessions (key, kind, parent_key, updated_at, folded, body) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO NOTHING`,
    session.key,
    session.kind,
    session.parentKey ?? null,
    session.updatedAt,
    toFolded(session),
    JSON.stringify(session),
  );
}

/** The session with all changes; empty when there is none of that key. */
export function changeSession(
  db: Database,
  changes: Exclude<SessionChange, { put: StoredSession }>[],
  key: string,
): StoredSession[] {
  const before = getSession(db, key);
  if (!before) return [];
  if (changes.length === 0) return [before];
  const session = changes.reduce(changed, before);
  const isFound =
    session.kind === before.kind && session.parentKey === before.parentKey && session.title === before.title;
  // What it is found by changes seldom, and is folded for nothing.
  if (isFound)
    db.run(
      "UPDATE sessions SET updated_at = ?, body = ? WHERE key = ?",
      session.updatedAt,
      JSON.stringify(session),
      key,
    );
  else updateWhole(db, session);
  return [session];
}

function updateWhole(db: Database, session: StoredSession): void {
  db.run(
    "UPDATE sessions SET kind = ?, parent_key = ?, updated_at = ?, folded = ?, body = ? WHERE key = ?",
    session.kind,
    session.parentKey ?? null,
    session.updatedAt,
    toFolded(session),
    JSON.stringify(session),
    session.key,
  );
}

function changed(session: StoredSession, change: Exclude<SessionChange, { put: StoredSession }>): StoredSession {
  if ("add" in change) {
    const { usage, messageCount = 0 } = change.add;
    return {
      ...session,
      ...defined({ usage: usage && addUsage(session.usage, usage) }),
      messageCount: session.messageCount + messageCount,
    };
  }
  const kept = Object.entries({ ...session, ...change.patch }).filter(([, value]) => value !== null);
  return Object.fromEntries(kept) as unknown as StoredSession;
}

function toFolded({ title, key }: StoredSession): string {
  return fold(`${title ?? ""}\n${key}`);
}

export function getSession(db: Database, key: string): StoredSession | undefined {
  const row = db.get("SELECT body FROM sessions WHERE key = ?", key);
  return row && JSON.parse(String(row.body));
}

export function workspaceOf(db: Database, key: string): string | undefined {
  const workspace = db.get("SELECT body ->> '$.workspace' AS workspace FROM sessions WHERE key = ?", key)?.workspace;
  return workspace == null ? undefined : String(workspace);
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
  if (query.title !== undefined) add("body ->> '$.title' = ?", query.title);
  add(`body ->> '$.deleting' IS ${query.deleting ? "NOT NULL" : "NULL"}`);
  if (query.pinned !== undefined) add(`body ->> '$.pinned' IS ${query.pinned ? "NOT NULL" : "NULL"}`);
  if (query.archived !== undefined) add(`body ->> '$.archived' IS ${query.archived ? "NOT NULL" : "NULL"}`);
  if (query.unusedSince !== undefined) add("updated_at < ?", query.unusedSince);
  if (query.search !== undefined && query.search.trim() !== "") {
    const match = matching(query.search);
    add(match.sql, ...match.values);
  }
  if (query.cursor !== undefined) add("(updated_at, key) < (?, ?)", ...fromCursor(query.cursor));
  if (query.afterKey !== undefined) add("key > ?", query.afterKey);
  const order = query.afterKey === undefined ? "updated_at DESC, key DESC" : "key";
  const sql = `SELECT body FROM sessions WHERE ${terms.join(" AND ")} ORDER BY ${order} LIMIT ?`;
  return { sql, values: [...values, query.limit + 1] };
}

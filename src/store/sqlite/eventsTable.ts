import type { SQLInputValue } from "node:sqlite";
import type { EventQuery, MessageQuery } from "../../core/ports/store.ts";
import type { RunEvent, RunFact } from "../../protocol/event.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import type { Database, Row } from "./database.ts";

/** The body is the fact alone: what a column holds is not stored twice. */
export function appendEvent(db: Database, event: RunEvent, fact: RunFact): void {
  const { id, sessionKey, seq, runId, at } = event;
  const message = fact.type === "message" ? fact.message : undefined;
  db.run(
    "INSERT INTO events (id, session_key, seq, run_id, at, type, role, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    id,
    sessionKey,
    seq,
    runId,
    at,
    fact.type,
    message?.role ?? null,
    JSON.stringify(fact),
  );
}

export function listEvents(db: Database, query: EventQuery): RunEvent[] {
  const { sql, values } = toEventsSql(query);
  return db.all(sql, ...values).map((row) => ({
    ...JSON.parse(String(row.body)),
    ...placeOf(row),
    at: row.at,
  }));
}

export function toEventsSql(query: EventQuery): { sql: string; values: SQLInputValue[] } {
  const terms = ["id > ?"];
  const values: SQLInputValue[] = [query.afterId];
  if (query.sessionKey !== undefined) {
    // A run has fewer events than its session: the plus keeps SQLite from choosing the session's index.
    terms.push(query.runId === undefined ? "session_key = ?" : "+session_key = ?");
    values.push(query.sessionKey);
  }
  if (query.runId !== undefined) {
    terms.push("run_id = ?");
    values.push(query.runId);
  }
  if (query.type !== undefined) {
    terms.push("type = ?");
    values.push(query.type);
  }
  const columns = "id, session_key, seq, run_id, at, body";
  return {
    sql: `SELECT ${columns} FROM events WHERE ${terms.join(" AND ")} ORDER BY id LIMIT ?`,
    values: [...values, query.limit],
  };
}

export function listMessages(
  db: Database,
  sessionKey: string,
  query: MessageQuery,
): { messages: StoredMessage[]; hasMore: boolean } {
  const { sql, values } = toMessagesSql(sessionKey, query);
  const rows = db.all(sql, ...values);
  const messages = rows.slice(0, query.limit).map((row) => ({
    ...JSON.parse(String(row.body)).message,
    ...placeOf(row),
    createdAt: row.at,
  }));
  return { messages: messages.toReversed(), hasMore: rows.length > query.limit };
}

/** Newest first, and one row more than `limit`, to see whether there are more. */
export function toMessagesSql(sessionKey: string, query: MessageQuery): { sql: string; values: SQLInputValue[] } {
  const terms = ["session_key = ?", "seq < ?", "role IS NOT NULL"];
  const values: SQLInputValue[] = [sessionKey, query.before ?? Number.MAX_SAFE_INTEGER];
  if (query.from !== undefined) {
    terms.push("seq >= ?");
    values.push(query.from);
  }
  if (query.roles !== undefined) {
    terms.push("role IN (SELECT value FROM json_each(?))");
    values.push(JSON.stringify(query.roles));
  }
  if (query.notes === false) terms.push("(role <> 'system' OR body ->> '$.message.kind' = 'event')");
  return {
    sql: `SELECT id, session_key, seq, run_id, at, body FROM events INDEXED BY messages
      WHERE ${terms.join(" AND ")} ORDER BY seq DESC LIMIT ?`,
    values: [...values, query.limit + 1],
  };
}

function placeOf(row: Row): { id: number; seq: number; runId: string; sessionKey: string } {
  return { id: Number(row.id), seq: Number(row.seq), runId: String(row.run_id), sessionKey: String(row.session_key) };
}

const LAST_ID = `max(coalesce((SELECT max(id) FROM events), 0),
  coalesce((SELECT value FROM counters WHERE name = 'event'), 0))`;
const LAST_SEQ = `max(coalesce((SELECT max(seq) FROM events WHERE session_key = ?1), 0),
  coalesce((SELECT seq FROM seqs WHERE session_key = ?1), 0))`;

/** The highest event id ever handed out, stored or not. */
export function lastEventId(db: Database): number {
  return Number(db.get(`SELECT ${LAST_ID} AS id`)?.id);
}

/** And the highest seq ever handed out in a session, stored or not, its earlier lives included. */
export function lastNumbers(db: Database, sessionKey: string): { id: number; seq: number } {
  const row = db.get(`SELECT ${LAST_ID} AS id, ${LAST_SEQ} AS seq`, sessionKey);
  return { id: Number(row?.id), seq: Number(row?.seq) };
}

export function reserveEventId(db: Database, id: number): void {
  db.run(
    `INSERT INTO counters (name, value) VALUES ('event', ?)
      ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    id,
  );
}

export function reserveSeq(db: Database, sessionKey: string, seq: number): void {
  db.run(
    `INSERT INTO seqs (session_key, seq) VALUES (?, ?)
      ON CONFLICT (session_key) DO UPDATE SET seq = max(seq, excluded.seq)`,
    sessionKey,
    seq,
  );
}

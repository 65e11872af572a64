import type { SQLInputValue } from "node:sqlite";
import type { RunQuery } from "../../core/ports/store.ts";
import type { RunRecord } from "../../protocol/run.ts";
import { AppError } from "../../base/appError.ts";
import type { Database } from "./database.ts";

export function putRun(db: Database, run: RunRecord): void {
  db.run(
    `INSERT INTO runs (id, session_key, state, failed, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, failed = excluded.failed, body = excluded.body`,
    run.id,
    run.sessionKey,
    run.state,
    run.outcome?.type === "failed" ? 1 : 0,
    JSON.stringify(run),
  );
}

export function getRun(db: Database, id: string): RunRecord | undefined {
  const row = db.get("SELECT body FROM runs WHERE id = ?", id);
  return row && JSON.parse(String(row.body));
}

export function listRuns(db: Database, query: RunQuery): RunRecord[] {
  const place = query.cursor === undefined ? undefined : placeOf(db, query.cursor);
  const { sql, values } = toRunsSql(query, place);
  return db.all(sql, ...values).map((row) => JSON.parse(String(row.body)));
}

export function countRuns(db: Database, sessionKey: string): { total: number; failed: number } {
  const row = db.get("SELECT count(*) AS total, sum(failed) AS failed FROM runs WHERE session_key = ?", sessionKey);
  return { total: Number(row?.total), failed: Number(row?.failed) };
}

export function toRunsSql(
  query: RunQuery,
  /** Runs put down before the one of this number. */
  before?: number,
): { sql: string; values: SQLInputValue[] } {
  const terms = ["true"];
  const values: SQLInputValue[] = [];
  if (query.sessionKey !== undefined) {
    terms.push("session_key = ?");
    values.push(query.sessionKey);
  }
  if (query.states !== undefined) {
    // Within a session its own index is the better one: the plus leaves it as the only choice.
    const column = query.sessionKey === undefined ? "state" : "+state";
    terms.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(query.states));
  }
  if (before !== undefined) {
    terms.push("rid < ?");
    values.push(before);
  }
  return {
    sql: `SELECT body FROM runs WHERE ${terms.join(" AND ")} ORDER BY rid DESC LIMIT ?`,
    values: [...values, query.limit],
  };
}

function placeOf(db: Database, id: string): number {
  const row = db.get("SELECT rid FROM runs WHERE id = ?", id);
  if (row === undefined) throw new AppError("bad_request", `No page starts at cursor ${id}`);
  return Number(row.rid);
}

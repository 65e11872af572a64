import type { SQLInputValue } from "node:sqlite";
import type { Admission, RunChange, TreeCount } from "../../core/ports/batch.ts";
import type { RunQuery } from "../../core/ports/store.ts";
import type { RunRecord } from "../../protocol/run.ts";
import { AppError } from "../../base/appError.ts";
import type { Database } from "./database.ts";

export function insertRun(db: Database, run: RunRecord): void {
  db.run(
    "INSERT INTO runs (id, session_key, state, failed, root, top, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
    run.id,
    run.sessionKey,
    run.state,
    isFailed(run),
    run.place?.root ?? null,
    run.place?.top ?? null,
    JSON.stringify(run),
  );
}

/** Throws `conflict` when it is in another state than was expected. A run that is gone stays gone. */
export function changeRun(db: Database, { id, patch, expect }: RunChange): void {
  if (expect !== undefined) {
    const state = db.get("SELECT state FROM runs WHERE id = ?", id)?.state;
    if (state !== expect) throw new AppError("conflict", `Run ${id} is ${state ?? "gone"}, not ${expect}`);
  }
  const entries = Object.entries(patch).filter(([, value]) => value !== undefined);
  // Set in SQL, because the body may hold attachments of megabytes that are not to be read for a change of state.
  const paths = entries.map(([name]) => `, '$.${name}', json(?)`).join("");
  db.run(
    `UPDATE runs SET state = coalesce(?, state), failed = coalesce(?, failed), body = json_set(body${paths}) WHERE id = ?`,
    patch.state ?? null,
    patch.outcome ? isFailed(patch) : null,
    ...entries.map(([, value]) => JSON.stringify(value)),
    id,
  );
}

function isFailed({ outcome }: Partial<RunRecord>): number {
  return outcome?.type === "failed" ? 1 : 0;
}

export const ROOT_COUNT_SQL =
  "SELECT count(*) AS total, count(CASE WHEN state <> 'finished' THEN 1 END) AS unfinished FROM runs WHERE root = ?";
export const TOP_COUNT_SQL = "SELECT count(*) AS unfinished FROM runs WHERE top = ? AND state <> 'finished'";

export function countTree(db: Database, { root, top }: Pick<Admission, "root" | "top">): TreeCount {
  const byRoot = root === undefined ? undefined : db.get(ROOT_COUNT_SQL, root);
  const byTop = top === undefined ? undefined : db.get(TOP_COUNT_SQL, top);
  return {
    total: Number(byRoot?.total ?? 0),
    unfinished: Math.max(Number(byRoot?.unfinished ?? 0), Number(byTop?.unfinished ?? 0)),
  };
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
    // Said as the index of these says it, which spares the search through all that have ended.
    if (!query.states.includes("finished")) terms.push("state <> 'finished'");
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

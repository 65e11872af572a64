import type { SQLInputValue } from "node:sqlite";
import type { Admission, RunChange, TreeCount } from "../../core/ports/batch.ts";
import type { RunQuery } from "../../core/ports/store.ts";
import type { Origin } from "../../protocol/message.ts";
import { type RunRecord, worksFor } from "../../protocol/run.ts";
import { AppError } from "../../base/appError.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { Database } from "./database.ts";

/** `starts`: how often it was given to a worker by now. */
export function insertRun(db: Database, run: RunRecord, starts: number): void {
  const { place, spawn } = run.continues === undefined ? run : { ...run, place: undefined };
  db.run(
    `INSERT INTO runs (id, session_key, state, failed, starts, root, top, spawn, spawn_to, spawn_under, joins, works_for,
        body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    run.id,
    run.sessionKey,
    run.state,
    isFailed(run),
    starts,
    place?.root ?? null,
    place?.top ?? null,
    spawn?.id ?? null,
    (spawn?.detached ? undefined : spawn?.to) ?? null,
    spawn?.under ?? null,
    run.joins ? 1 : 0,
    worksFor(run) ?? null,
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
    `UPDATE runs SET state = coalesce(?, state), failed = coalesce(?, failed), cancel = coalesce(?, cancel),
      body = json_set(body${paths}) WHERE id = ?`,
    patch.state ?? null,
    patch.outcome ? isFailed(patch) : null,
    patch.stopped ? 1 : null,
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

const WAITING = "SELECT count(*) AS waiting FROM runs WHERE state = 'running' AND body ->> 'waiting'";

export function countTree(db: Database, { root, top }: Pick<Admission, "root" | "top">): TreeCount {
  const atWork = (key: string | undefined, column: "root" | "top", sql: string) => {
    const found = key === undefined ? undefined : db.get(sql, key);
    if (!found?.unfinished) return { total: Number(found?.total ?? 0), unfinished: 0 };
    const waiting = Number(db.get(`${WAITING} AND ${column} = ?`, key!)?.waiting);
    return { total: Number(found.total), unfinished: Number(found.unfinished) - waiting };
  };
  const byRoot = atWork(root, "root", ROOT_COUNT_SQL);
  const byTop = atWork(top, "top", TOP_COUNT_SQL);
  return { total: byRoot.total, unfinished: Math.max(byRoot.unfinished, byTop.unfinished) };
}

/** Of a spawn and its session: it goes on while a run of it does, or of any spawn below it, also of one that itself has ended. */
export const SPAWN_GOES_ON_SQL = `WITH RECURSIVE tree (spawn, key) AS (
    VALUES (?1, ?2) UNION SELECT runs.spawn, runs.session_key
      FROM tree CROSS JOIN runs ON runs.spawn_to = tree.key AND runs.spawn_under = tree.spawn
  )
  SELECT 1 FROM tree CROSS JOIN runs ON runs.spawn = tree.spawn AND runs.state <> 'finished'
    WHERE id NOT IN (SELECT value FROM json_each(?3)) AND body ->> 'stopped' IS NULL LIMIT 1`;

/** Whether the result of a spawn is to be put down, when these runs end or are to: with what it went on in last, and once. */
export function isOwed(
  db: Database,
  { id, sessionKey, spawn }: Pick<RunRecord, "id" | "sessionKey" | "spawn">,
  ending: string[],
): boolean {
  if (!spawn) return false;
  const goesOn = (but: string[]) => db.get(SPAWN_GOES_ON_SQL, spawn.id, sessionKey, JSON.stringify(but)) !== undefined;
  if (goesOn(ending) || !goesOn([])) return false;
  if (db.get("SELECT 1 FROM runs WHERE id = ? AND body ->> 'stopped'", id)) return false;
  return db.get("SELECT 1 FROM sessions WHERE key = ?", spawn.to) !== undefined;
}

export const RESULTS_SQL = `SELECT id FROM runs WHERE session_key = ? AND joins = 1 AND state = 'queued'
    AND body ->> 'continues' IS NOT NULL AND body -> 'origin' ->> 'via' = 'subagent' AND body -> 'place' ->> 'root' = ?
    AND NOT EXISTS (SELECT 1 FROM runs AS of WHERE of.id = runs.body -> 'origin' ->> 'id' AND of.body -> 'spawn' ->> 'detached')`;

/** Stops the results that wait in a session to go on for a tree; what is detached still brings its own. */
export function stopResults(db: Database, { sessionKey, root }: { sessionKey: string; root: string }): void {
  for (const { id } of db.all(RESULTS_SQL, sessionKey, root))
    changeRun(db, { id: String(id), patch: { stopped: true } });
}

export const JOINING_SQL =
  "SELECT body FROM runs WHERE session_key = ? AND joins = 1 AND state = 'queued' ORDER BY rid LIMIT 100";

export function listJoining(db: Database, sessionKey: string): RunRecord[] {
  return db.all(JOINING_SQL, sessionKey).map((row) => JSON.parse(String(row.body)));
}

export const SPAWNED_SQL = `WITH RECURSIVE tree (key) AS (
    VALUES (?1) UNION SELECT runs.session_key FROM tree JOIN runs ON runs.spawn_to = tree.key
  )
  SELECT body FROM tree CROSS JOIN runs ON runs.session_key = tree.key AND runs.state <> 'finished'
    WHERE tree.key <> ?1 AND spawn_to IS NOT NULL ORDER BY rid`;

export function listSpawned(db: Database, sessionKey: string): RunRecord[] {
  return db.all(SPAWNED_SQL, sessionKey).map((row) => JSON.parse(String(row.body)));
}

export const AT_WORK_SQL = `SELECT session_key, sessions.body ->> '$.workspace' AS workspace
    FROM runs CROSS JOIN sessions ON sessions.key = runs.session_key WHERE state <> 'finished' GROUP BY session_key`;

export function listAtWork(db: Database): { sessionKey: string; workspace?: string }[] {
  return db.all(AT_WORK_SQL).map(({ session_key: sessionKey, workspace }) => ({
    sessionKey: String(sessionKey),
    ...(workspace === null ? {} : { workspace: String(workspace) }),
  }));
}

export const SPENT_SQL = `WITH RECURSIVE tree (id) AS (
    VALUES (?) UNION SELECT runs.id FROM tree JOIN runs ON runs.works_for = tree.id
  )
  SELECT runs.id, body -> 'usage' AS usage, body -> 'gone' AS gone FROM tree CROSS JOIN runs ON runs.id = tree.id
    ORDER BY rid`;

export function listSpent(db: Database, id: string): Pick<RunRecord, "id" | "usage" | "gone">[] {
  return db.all(SPENT_SQL, id).map((row) => ({
    id: String(row.id),
    usage: JSON.parse(String(row.usage)),
    ...(row.gone === null ? {} : { gone: JSON.parse(String(row.gone)) }),
  }));
}

/** Drops the newest `limit` runs of a session, those that wait left out. True when there are more. */
export function dropRuns(db: Database, sessionKey: string, limit: number): boolean {
  const rows = db.all(
    "SELECT rid, id, works_for FROM runs WHERE session_key = ? AND state <> 'queued' ORDER BY rid DESC LIMIT ?",
    sessionKey,
    limit + 1,
  );
  for (const { rid, id, works_for: worksFor } of rows.slice(0, limit)) {
    // Those that worked for it came after it, so what they have used has come up to it by now.
    if (worksFor !== null) passUp(db, String(id), String(worksFor));
    db.run("DELETE FROM runs WHERE rid = ?", rid!);
  }
  return rows.length > limit;
}

/** What a run has used stays with the run that it worked for, while that is there. */
function passUp(db: Database, id: string, worksFor: string): void {
  const row = db.get("SELECT body -> 'usage' AS usage, body -> 'gone' AS gone FROM runs WHERE id = ?", id);
  const own = JSON.parse(String(row?.usage)) as Usage;
  const { gone } = { ...row };
  const below = gone == null ? { usd: 0, tokens: 0 } : (JSON.parse(String(gone)) as NonNullable<RunRecord["gone"]>);
  const usd = below.usd + (own.costUsd ?? countedUsd(db, id));
  const tokens = below.tokens + own.inputTokens + own.outputTokens + own.cacheReadTokens + own.cacheWriteTokens;
  db.run(
    `UPDATE runs SET body = json_set(body, '$.gone', json_object(
        'usd', coalesce(body -> '$.gone' ->> 'usd', 0) + ?, 'tokens', coalesce(body -> '$.gone' ->> 'tokens', 0) + ?))
      WHERE id = ?`,
    usd,
    tokens,
    worksFor,
  );
  // What worked for it works for that one from here on.
  db.run("UPDATE runs SET works_for = ? WHERE works_for = ?", worksFor, id);
}

/** Dollars of a run of which some requests are only estimated. */
function countedUsd(db: Database, runId: string): number {
  const sql = `SELECT sum(coalesce(body -> '$.usage' ->> 'costUsd', body ->> 'countedUsd', 0)) AS usd
    FROM events WHERE run_id = ? AND type = 'usage'`;
  return Number(db.get(sql, runId)?.usd ?? 0);
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

export const FIRST_VIA_SQL =
  "SELECT body -> 'origin' ->> 'via' AS via FROM runs WHERE session_key = ? ORDER BY rid LIMIT 1";

export function firstVia(db: Database, sessionKey: string): Origin["via"] | undefined {
  return db.get(FIRST_VIA_SQL, sessionKey)?.via as Origin["via"] | undefined;
}

/** Newest first: whoever went on in a session did so at its end. */
export const OTHERWISE_SQL = `SELECT 1 FROM runs WHERE session_key = ?
    AND body -> 'origin' ->> 'via' NOT IN (SELECT value FROM json_each(?)) ORDER BY rid DESC LIMIT 1`;

export function cameOtherwise(db: Database, sessionKey: string, vias: Origin["via"][]): boolean {
  return db.get(OTHERWISE_SQL, sessionKey, JSON.stringify(vias)) !== undefined;
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

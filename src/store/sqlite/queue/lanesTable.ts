import { AppError } from "../../../base/appError.ts";
import type { Fence } from "../../../core/ports/fence.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { Database } from "../database.ts";

export interface ClaimedRow {
  run: RunRecord;
  starts: number;
  fence: Fence;
  /** Somebody wants it stopped, and the worker before did not live to hear it. */
  isCancelled: boolean;
}

/** To be called in a transaction, like all here that writes. Undefined while another worker that lives has the lane. */
export function takeLane(db: Database, sessionKey: string, worker: string, now: number): Fence | undefined {
  const row = db.get(
    `INSERT INTO lanes (session_key, fence, worker) VALUES (?1, 1, ?2)
      ON CONFLICT (session_key) DO UPDATE SET fence = fence + 1, worker = ?2
        WHERE worker IS NULL OR worker = ?2
          OR NOT EXISTS (SELECT 1 FROM workers WHERE workers.nonce = lanes.worker AND expires_at > ?3)
      RETURNING fence`,
    sessionKey,
    worker,
    now,
  );
  return row && { sessionKey, value: Number(row.fence) };
}

/** The oldest run of the session that has not ended, with its lane. */
export function claimRun(db: Database, sessionKey: string, worker: string, now: number): ClaimedRow | undefined {
  const row = db.get(
    `SELECT rid, starts, cancel, body FROM runs WHERE session_key = ? AND state <> 'finished' ORDER BY rid LIMIT 1`,
    sessionKey,
  );
  const fence = row && takeLane(db, sessionKey, worker, now);
  if (!row || !fence) return undefined;
  db.run("UPDATE runs SET starts = starts + 1 WHERE rid = ?", row.rid!);
  const run = JSON.parse(String(row.body)) as RunRecord;
  return { run, starts: Number(row.starts) + 1, fence, isCancelled: row.cancel === 1 };
}

/** Of that run. */
export function nextModel(db: Database, sessionKey: string): string | undefined {
  const sql =
    "SELECT body ->> 'model' AS model FROM runs WHERE session_key = ? AND state <> 'finished' ORDER BY rid LIMIT 1";
  const row = db.get(sql, sessionKey);
  return row && String(row.model);
}

/** Sessions with a run that has not ended, in the order of those runs. */
export function listWaitingSessions(db: Database): string[] {
  const sql = "SELECT session_key FROM runs WHERE state <> 'finished' GROUP BY session_key ORDER BY min(rid)";
  return db.all(sql).map((row) => String(row.session_key));
}

/** Throws `conflict` when the lane was given to another since. */
export function checkFence(db: Database, fence: Fence): void {
  if (!isCurrent(db, fence)) throw givenAway(fence);
}

/** Leaves the lane, too: the fence stays the newest until another one takes it. */
export function endLane(db: Database, fence: Fence): void {
  if (leaveLane(db, fence) === 0) throw givenAway(fence);
}

function givenAway({ sessionKey }: Fence): AppError {
  return new AppError("conflict", `Session ${sessionKey} was given to another worker`);
}

export function isCurrent(db: Database, { sessionKey, value }: Fence): boolean {
  return db.get("SELECT fence FROM lanes WHERE session_key = ?", sessionKey)?.fence === value;
}

export function hasUnfinished(db: Database, sessionKey: string): boolean {
  return db.get("SELECT 1 FROM runs WHERE session_key = ? AND state <> 'finished' LIMIT 1", sessionKey) !== undefined;
}

/** Whether it is still to be left. */
export function hasLane(db: Database, { sessionKey, value }: Fence): boolean {
  const lane = db.get("SELECT fence, worker FROM lanes WHERE session_key = ?", sessionKey);
  return lane?.fence === value && lane.worker !== null;
}

/** Nothing when another has it already. Returns how many lanes were left. */
export function leaveLane(db: Database, { sessionKey, value }: Fence): number {
  return db.run("UPDATE lanes SET worker = NULL WHERE session_key = ? AND fence = ?", sessionKey, value);
}

/** A run that was stopped by its worker's shutdown did not take it down: this start does not count. */
export function uncountStart(db: Database, runId: string): void {
  db.run("UPDATE runs SET starts = starts - 1 WHERE id = ? AND state <> 'finished'", runId);
}

/** Undefined when it was given to no worker, or has ended. */
export function markCancelled(db: Database, runId: string): { sessionKey: string } | undefined {
  const row = db.get(
    `UPDATE runs SET cancel = 1 WHERE id = ? AND state <> 'finished' AND (starts > 0 OR state = 'running')
      RETURNING session_key`,
    runId,
  );
  return row && { sessionKey: String(row.session_key) };
}

export function isCancelled(db: Database, runId: string): boolean {
  return db.get("SELECT cancel FROM runs WHERE id = ?", runId)?.cancel === 1;
}

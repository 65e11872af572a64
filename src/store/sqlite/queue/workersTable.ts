import { isAlive } from "../../../base/isAlive.ts";
import type { ModelInfo } from "../../../protocol/model.ts";
import type { Database } from "../database.ts";

/** A folder that is a worker's own. */
export interface Place {
  /** As its user names it. */
  name: string;
  /** As which it is the same by every way it is reached. */
  path: string;
  /** Whether an editor has it open. */
  editor: boolean;
}

/** Models that a worker may ask of its editor. */
export interface OwnModels {
  owner: string;
  models: ModelInfo[];
  /** Whether it also takes what is in nobody's places. */
  rest: boolean;
}

/** A worker that shows life: until when, and which folders are its own. */
export interface WorkerRow {
  nonce: string;
  expiresAt: number;
  places: Place[];
  /** Undefined where it has none that others have not. */
  models?: OwnModels | undefined;
  /** Where its process id names it: see pidSpace. */
  pidSpace: string;
}

export function renewWorker(db: Database, { nonce, expiresAt, places, models, pidSpace }: WorkerRow): void {
  db.run(
    `INSERT INTO workers (nonce, expires_at, places, pid, pid_space, models) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (nonce) DO UPDATE SET expires_at = ?2, places = ?3, models = ?6`,
    nonce,
    expiresAt,
    places.length === 0 ? null : JSON.stringify(places),
    process.pid,
    pidSpace,
    models ? JSON.stringify(models) : null,
  );
}

export function isWorkerAlive(db: Database, nonce: string | undefined, now: number): boolean {
  return db.get("SELECT 1 FROM workers WHERE nonce = ? AND expires_at > ?", nonce ?? "", now) !== undefined;
}

/** The folders that are other workers' own. */
export function listPlaces(db: Database, nonce: string, now: number): Place[] {
  const sql = "SELECT places FROM workers WHERE nonce <> ? AND expires_at > ? AND places IS NOT NULL";
  return db.all(sql, nonce, now).flatMap((row) => JSON.parse(String(row.places)) as Place[]);
}

/** The models of other workers. */
export function listModels(db: Database, nonce: string, now: number): OwnModels[] {
  const sql = "SELECT models FROM workers WHERE nonce <> ? AND expires_at > ? AND models IS NOT NULL";
  return db.all(sql, nonce, now).map((row) => JSON.parse(String(row.models)) as OwnModels);
}

/** Its lanes are free at once. */
export function dropWorker(db: Database, nonce: string): void {
  db.run("DELETE FROM workers WHERE nonce = ?", nonce);
}

/** Of those whose sign of life is late: the ones whose process is gone, so that nobody waits until they expire. */
export function listGone(db: Database, pidSpace: string, late: number): string[] {
  const sql = "SELECT nonce, pid FROM workers WHERE expires_at < ? AND pid IS NOT NULL AND pid_space = ?";
  const rows = db.all(sql, late, pidSpace);
  return rows.filter((row) => !isAlive(Number(row.pid))).map((row) => String(row.nonce));
}

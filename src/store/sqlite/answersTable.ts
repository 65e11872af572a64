import { AppError } from "../../base/appError.ts";
import type { IdempotencyRecord } from "../../core/ports/batch.ts";
import type { Database } from "./database.ts";
import { isWorkerAlive } from "./queue/workersTable.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;

export function getAnswer(db: Database, key: string, now: number): IdempotencyRecord | undefined {
  const row = db.get("SELECT body FROM answers WHERE key = ? AND expires_at > ?", key, now);
  return row && JSON.parse(String(row.body));
}

/** `goneBy`: workers that have shown life no longer than until then are gone. */
export function claimAnswer(db: Database, answer: IdempotencyRecord, now: number, goneBy: number): boolean {
  db.run("DELETE FROM answers WHERE expires_at <= ?", now);
  const row = db.get("SELECT body FROM answers WHERE key = ?", answer.key);
  if (row) {
    const taken = JSON.parse(String(row.body)) as IdempotencyRecord;
    if (taken.answer || taken.digest !== answer.digest || answer.owner === undefined) return false;
    const isOver = taken.owner === answer.owner || !isWorkerAlive(db, taken.owner, goneBy);
    if (!isOver) return false;
  }
  db.run(
    "INSERT OR REPLACE INTO answers (key, expires_at, body) VALUES (?, ?, ?)",
    answer.key,
    expiryOf(answer),
    JSON.stringify(answer),
  );
  return true;
}

export function putAnswer(db: Database, answer: IdempotencyRecord): void {
  if (answer.owner !== undefined && hasOther(db, answer.key, answer.owner))
    throw new AppError("conflict", "This call was taken over by another gateway");
  // By the new one's own age: it was made just now, or is itself of no more use.
  db.run("DELETE FROM answers WHERE expires_at <= ?", Date.parse(answer.createdAt));
  db.run(
    `INSERT INTO answers (key, expires_at, body) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, body = excluded.body`,
    answer.key,
    expiryOf(answer),
    JSON.stringify(answer),
  );
}

export function deleteAnswer(db: Database, key: string, owner?: string): void {
  if (owner !== undefined && hasOther(db, key, owner)) return;
  db.run("DELETE FROM answers WHERE key = ?", key);
}

function hasOther(db: Database, key: string, owner: string): boolean {
  const row = db.get("SELECT body ->> '$.owner' AS owner FROM answers WHERE key = ?", key);
  return row !== undefined && row.owner !== owner;
}

function expiryOf(answer: IdempotencyRecord): number {
  return Date.parse(answer.createdAt) + KEPT_MS;
}

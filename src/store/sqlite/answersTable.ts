import type { KeptAnswer } from "../../core/ports/batch.ts";
import type { Database } from "./database.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;

export function getAnswer(db: Database, key: string, now: number): KeptAnswer | undefined {
  const row = db.get("SELECT body FROM answers WHERE key = ? AND expires_at > ?", key, now);
  return row && JSON.parse(String(row.body));
}

export function claimAnswer(db: Database, answer: KeptAnswer, now: number): boolean {
  db.run("DELETE FROM answers WHERE expires_at <= ?", now);
  const sql = "INSERT INTO answers (key, expires_at, body) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING";
  return db.run(sql, answer.key, expiryOf(answer), JSON.stringify(answer)) === 1;
}

export function putAnswer(db: Database, answer: KeptAnswer): void {
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

export function deleteAnswer(db: Database, key: string): void {
  db.run("DELETE FROM answers WHERE key = ?", key);
}

function expiryOf(answer: KeptAnswer): number {
  return Date.parse(answer.createdAt) + KEPT_MS;
}

import type { Held, Hold, HoldChange, HoldQuery, HoldValue } from "../../core/ports/hold.ts";
import type { Database } from "./database.ts";

/** To be called in a transaction, whose order is that of the holds. */
export function changeHold(db: Database, { put, drop, of }: HoldChange, now: number): void {
  if (drop !== undefined) db.run("DELETE FROM holds WHERE id = ?1 AND owner = coalesce(?2, owner)", drop, of ?? null);
  if (put) putHold(db, put, now);
}

function putHold(db: Database, { id, keys, owner, forMs, value }: Hold, now: number): void {
  db.run(
    `DELETE FROM holds WHERE id = ?1 OR expires_at <= ?2
      OR (expires_at IS NULL AND owner <> ?3 AND owner NOT IN (SELECT nonce FROM workers))`,
    id,
    now,
    owner,
  );
  for (const key of keys) {
    db.run(
      "INSERT INTO holds (id, key, owner, at, expires_at, body) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      key,
      owner,
      now,
      forMs === undefined ? null : now + forMs,
      JSON.stringify(value),
    );
  }
}

/** `goneBy`: what workers hold that have shown life no longer than until then counts no more. */
export function listHolds(db: Database, { keys, owner, before }: HoldQuery, now: number, goneBy: number): Held[] {
  const rows = db.all(
    `SELECT id, key, owner, at, body FROM holds
      WHERE key IN (SELECT value FROM json_each(?1))
        AND rid < coalesce((SELECT min(rid) FROM holds WHERE id = ?2), 9e18)
        AND CASE WHEN expires_at IS NOT NULL THEN expires_at > ?4
          ELSE owner = ?3 OR EXISTS (SELECT 1 FROM workers WHERE nonce = holds.owner AND workers.expires_at > ?5) END
      ORDER BY rid`,
    JSON.stringify(keys),
    before ?? null,
    owner,
    now,
    goneBy,
  );
  return rows.map((row) => ({
    id: String(row.id),
    key: String(row.key),
    owner: String(row.owner),
    ageMs: now - Number(row.at),
    value: JSON.parse(String(row.body)) as HoldValue,
  }));
}

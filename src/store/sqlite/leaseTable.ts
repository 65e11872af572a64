import type { Lease, LeaseHolder } from "../../core/ports/store.ts";
import { dropWorker } from "./queue/workersTable.ts";
import type { Database } from "./database.ts";

/** To be called in a transaction, which makes looking and taking one step. */
export function holdLease(
  db: Database,
  { name, holder, ttlMs }: { name: string; holder: LeaseHolder; ttlMs: number },
  now: number,
): Lease {
  const lease = getLease(db, name, now);
  const isOwn = lease?.holder.nonce === holder.nonce;
  if (lease && !isOwn) return lease;
  db.run(
    `INSERT INTO leases (name, fence, nonce, expires_at, body) VALUES (?1, 1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE
      SET fence = fence + (nonce IS NOT ?2), nonce = ?2, expires_at = ?3, body = ?4`,
    name,
    holder.nonce,
    now + ttlMs,
    JSON.stringify(holder),
  );
  const fence = Number(db.get("SELECT fence FROM leases WHERE name = ?", name)?.fence);
  return { held: true, holder, fence, expiresInMs: ttlMs };
}

/** As one sees it who does not have it. */
export function getLease(db: Database, name: string, now: number): Lease | undefined {
  const row = db.get(
    "SELECT fence, expires_at, body FROM leases WHERE name = ? AND nonce IS NOT NULL AND expires_at > ?",
    name,
    now,
  );
  if (!row) return undefined;
  const holder = JSON.parse(String(row.body)) as LeaseHolder;
  return { held: false, holder, fence: Number(row.fence), expiresInMs: Number(row.expires_at) - now };
}

/** The row stays: the fence goes on from it. */
export function dropLease(db: Database, name: string, nonce: string): void {
  dropWorker(db, nonce);
  db.run("UPDATE leases SET nonce = NULL WHERE name = ? AND nonce = ?", name, nonce);
}

/** A lease that nobody ever has. */
export function tryWriting(db: Database): void {
  db.run(
    `INSERT INTO leases (name, fence, nonce, expires_at, body) VALUES ('room', 1, NULL, 0, '{}')
      ON CONFLICT (name) DO UPDATE SET fence = fence + 1`,
  );
}

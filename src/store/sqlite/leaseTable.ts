import type { Lease } from "../../core/ports/store.ts";
import { dropWorker } from "./lanesTable.ts";
import type { Database } from "./database.ts";

/** To be called in a transaction, which makes looking and taking one step. */
export function holdLease(db: Database, lease: Lease, now: number): Lease {
  const row = db.get("SELECT nonce, expires_at, body FROM lease");
  if (row && row.nonce !== lease.nonce && Number(row.expires_at) > now) return JSON.parse(String(row.body));
  db.run(
    "INSERT OR REPLACE INTO lease (only, nonce, expires_at, body) VALUES (1, ?, ?, ?)",
    lease.nonce,
    lease.expiresAt,
    JSON.stringify(lease),
  );
  return lease;
}

/** Whoever had it works no more, either. */
export function dropLease(db: Database, nonce: string): void {
  dropWorker(db, nonce);
  db.run("DELETE FROM lease WHERE nonce = ?", nonce);
}

import type { SQLInputValue } from "node:sqlite";
import type { SlotRecord } from "../../protocol/job.ts";
import type { Database } from "./database.ts";

const INSERT = "INSERT INTO slots (job_id, slot, status, session_key, started_at, body) VALUES (?, ?, ?, ?, ?, ?)";

export function claimSlot(db: Database, slot: SlotRecord): boolean {
  return db.run(`${INSERT} ON CONFLICT (job_id, slot) DO NOTHING`, ...valuesOf(slot)) === 1;
}

export function putSlot(db: Database, slot: SlotRecord): void {
  db.run(
    `${INSERT} ON CONFLICT (job_id, slot) DO UPDATE SET status = excluded.status,
      session_key = excluded.session_key, started_at = excluded.started_at, body = excluded.body`,
    ...valuesOf(slot),
  );
}

export function listSlots(
  db: Database,
  query: { jobId?: string; limit: number; status?: SlotRecord["status"] },
): SlotRecord[] {
  const terms = ["body IS NOT NULL"];
  const values: SQLInputValue[] = [];
  if (query.jobId !== undefined) {
    terms.push("job_id = ?");
    values.push(query.jobId);
  }
  if (query.status !== undefined) {
    terms.push("status = ?");
    values.push(query.status);
  }
  const sql = `SELECT body FROM slots WHERE ${terms.join(" AND ")} ORDER BY started_at DESC, slot DESC LIMIT ?`;
  return db.all(sql, ...values, query.limit).map((row) => JSON.parse(String(row.body)));
}

function valuesOf(slot: SlotRecord): SQLInputValue[] {
  return [slot.jobId, slot.slot, slot.status, slot.sessionKey ?? null, slot.startedAt, JSON.stringify(slot)];
}

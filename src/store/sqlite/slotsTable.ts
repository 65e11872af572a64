import type { SQLInputValue } from "node:sqlite";
import { AppError } from "../../base/appError.ts";
import type { SlotChange } from "../../core/ports/batch.ts";
import type { SlotQuery } from "../../core/ports/store.ts";
import type { SlotRecord } from "../../protocol/job.ts";
import type { Database } from "./database.ts";

const INSERT = "INSERT INTO slots (job_id, slot, status, session_key, started_at, body) VALUES (?, ?, ?, ?, ?, ?)";

/** Throws `conflict` when somebody has it. */
export function claimSlot(db: Database, slot: SlotRecord): void {
  if (db.run(`${INSERT} ON CONFLICT (job_id, slot) DO NOTHING`, ...valuesOf(slot)) === 1) return;
  throw new AppError("conflict", `The slot ${slot.slot} of job ${slot.jobId} is taken`);
}

/** Throws `conflict` when the record is another than was expected; one that went with its session is put as given. */
export function putSlot(db: Database, { put: slot, expect }: SlotChange): void {
  if (expect) {
    const there = db.get("SELECT body FROM slots WHERE job_id = ? AND slot = ?", slot.jobId, slot.slot)?.body ?? null;
    if (there !== null && there !== JSON.stringify(expect))
      throw new AppError("conflict", `The slot ${slot.slot} of job ${slot.jobId} was changed elsewhere meanwhile`);
  }
  db.run(
    `${INSERT} ON CONFLICT (job_id, slot) DO UPDATE SET status = excluded.status,
      session_key = excluded.session_key, started_at = excluded.started_at, body = excluded.body`,
    ...valuesOf(slot),
  );
}

export function listSlots(db: Database, query: SlotQuery): SlotRecord[] {
  const terms = ["body IS NOT NULL"];
  const values: SQLInputValue[] = [];
  if (query.jobId !== undefined) {
    terms.push("job_id = ?");
    values.push(query.jobId);
  }
  if (query.slot !== undefined) {
    terms.push("slot = ?");
    values.push(query.slot);
  }
  if (query.status !== undefined) {
    terms.push("status = ?");
    values.push(query.status);
  }
  if (query.deliveries !== undefined) {
    terms.push(`body ->> '$.delivery.status' IN (${query.deliveries.map(() => "?").join(", ")})`);
    values.push(...query.deliveries);
  }
  const sql = `SELECT body FROM slots WHERE ${terms.join(" AND ")} ORDER BY started_at DESC, slot DESC LIMIT ?`;
  return db.all(sql, ...values, query.limit).map((row) => JSON.parse(String(row.body)));
}

/** A claim outlasts its record, so that clocks set back do not fire it again. */
export function pruneSlots(db: Database, { keep, claimsSince }: { keep: number; claimsSince: string }): void {
  const rows = db.all("SELECT job_id FROM slots WHERE body IS NOT NULL GROUP BY job_id HAVING count(*) > ?", keep);
  for (const { job_id: jobId } of rows) {
    db.run(
      `UPDATE slots SET body = NULL WHERE job_id = ?1 AND status <> 'running' AND slot IN (
        SELECT slot FROM slots WHERE job_id = ?1 AND body IS NOT NULL ORDER BY started_at DESC, slot DESC LIMIT -1 OFFSET ?2)`,
      String(jobId),
      keep,
    );
  }
  db.run("DELETE FROM slots WHERE body IS NULL AND slot < ?", claimsSince);
}

function valuesOf(slot: SlotRecord): SQLInputValue[] {
  return [slot.jobId, slot.slot, slot.status, slot.sessionKey ?? null, slot.startedAt, JSON.stringify(slot)];
}

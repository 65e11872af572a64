import { AppError } from "../../base/appError.ts";
import type { ApprovalChange } from "../../core/ports/batch.ts";
import type { AskedApproval } from "../../core/ports/store.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { Database, Row } from "./database.ts";

// Of a question whose asker is gone, nothing more is to be seen after this.
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Throws `conflict` for an answer that is not the first, or comes too late. */
export function changeApproval(db: Database, change: ApprovalChange, now: number): void {
  if ("ask" in change) {
    const { id, sessionKey, runId, expiresAt } = change.ask;
    db.run("DELETE FROM approvals WHERE expires_at < ?", now - KEPT_MS);
    db.run(
      "INSERT INTO approvals (id, session_key, run_id, expires_at, body) VALUES (?, ?, ?, ?, ?)",
      id,
      sessionKey,
      runId,
      Date.parse(expiresAt),
      JSON.stringify(change.ask),
    );
  } else {
    const sql = "UPDATE approvals SET answer = ? WHERE id = ? AND answer IS NULL";
    if (db.run(sql, JSON.stringify(change.answer), change.id) === 0)
      throw new AppError("conflict", `The approval ${change.id} is answered, or waits no more`);
  }
}

export function listApprovals(db: Database, { sessionKey }: { sessionKey?: string }, now: number): Approval[] {
  const own = sessionKey === undefined ? "" : "AND session_key = ?2";
  const sql = `SELECT body FROM approvals WHERE answer IS NULL AND expires_at > ?1 ${own} ORDER BY rowid`;
  const rows = sessionKey === undefined ? db.all(sql, now) : db.all(sql, now, sessionKey);
  return rows.map((row) => JSON.parse(String(row.body)));
}

export function getApproval(db: Database, id: string): AskedApproval | undefined {
  const row = db.get("SELECT answer, body FROM approvals WHERE id = ?", id);
  return row && toAsked(row);
}

export function listAsked(db: Database, runId: string): AskedApproval[] {
  return db.all("SELECT answer, body FROM approvals WHERE run_id = ? ORDER BY rowid", runId).map(toAsked);
}

/** What the runs asked that have ended is asked no more. */
export function endApprovals(db: Database, runId: string): void {
  db.run("DELETE FROM approvals WHERE run_id = ?", runId);
}

function toAsked({ answer, body }: Row): AskedApproval {
  return { approval: JSON.parse(String(body)), ...(answer === null ? {} : { answer: JSON.parse(String(answer)) }) };
}

import { AppError } from "../../base/appError.ts";
import type { JobChange } from "../../core/ports/batch.ts";
import type { Job } from "../../protocol/job.ts";
import type { Database } from "./database.ts";

/** Throws `conflict` when the job has another version than was expected. */
export function putJob(db: Database, { put: job, expect }: JobChange): void {
  if (expect !== undefined) {
    const version = Number(db.get("SELECT version FROM jobs WHERE id = ?", job.id)?.version ?? 0);
    if (version !== expect) throw new AppError("conflict", `Job ${job.id} was changed elsewhere meanwhile`);
  }
  db.run(
    `INSERT INTO jobs (id, created_at, body, version) VALUES (?, ?, ?, 1)
      ON CONFLICT (id) DO UPDATE SET body = excluded.body, version = version + 1`,
    job.id,
    job.createdAt,
    JSON.stringify(job),
  );
}

export function getJob(db: Database, id: string): { job: Job; version: number } | undefined {
  const row = db.get("SELECT version, body FROM jobs WHERE id = ?", id);
  return row && { job: JSON.parse(String(row.body)), version: Number(row.version) };
}

/** In the order they were made. */
export function listJobs(db: Database): Job[] {
  return db.all("SELECT body FROM jobs ORDER BY created_at, id").map((row) => JSON.parse(String(row.body)));
}

/** Its slots stay claimed: a job of openclaw.yml that comes back under its old id does not fire them again. */
export function deleteJob(db: Database, id: string): void {
  db.run("DELETE FROM jobs WHERE id = ?", id);
  db.run("UPDATE slots SET body = NULL WHERE job_id = ?", id);
}

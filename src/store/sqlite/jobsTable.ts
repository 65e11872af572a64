import type { Job } from "../../protocol/job.ts";
import type { Database } from "./database.ts";

export function putJob(db: Database, job: Job): void {
  db.run(
    "INSERT INTO jobs (id, created_at, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    job.id,
    job.createdAt,
    JSON.stringify(job),
  );
}

export function getJob(db: Database, id: string): Job | undefined {
  const row = db.get("SELECT body FROM jobs WHERE id = ?", id);
  return row && JSON.parse(String(row.body));
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

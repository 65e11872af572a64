import { AppError } from "../../base/appError.ts";
import type { JobChange } from "../../core/ports/batch.ts";
import type { Job } from "../../protocol/job.ts";
import type { Database } from "./database.ts";

/** A job as it was last read, and what it is listed by. */
interface Held {
  id: string;
  made: string;
  job: Job;
}

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

/** Gives all jobs, in the order they were made, and from then on reads only those that changed since. They are frozen. */
export function createJobList(db: Database): () => Job[] {
  const held = new Map<string, Held>();
  let looked = { put: -1, removed: -1 };
  return () => {
    const now = changesOf(db);
    // Which of them are gone, none of those that are left tells.
    const since = now.removed === looked.removed ? looked.put : -1;
    const rows = db.all("SELECT id, created_at, body FROM jobs WHERE changed > ?", since);
    if (since < 0) held.clear();
    for (const { id, created_at: made, body } of rows)
      held.set(String(id), { id: String(id), made: String(made), job: freeze(JSON.parse(String(body))) });
    looked = now;
    return [...held.values()].toSorted((a, b) => compare(a.made, b.made) || compare(a.id, b.id)).map(({ job }) => job);
  };
}

/** How often a job was put, and removed. */
function changesOf(db: Database): { put: number; removed: number } {
  const counts = db.all("SELECT name, value FROM counters WHERE name IN ('job_put', 'job_removed')");
  const of = (name: string) => Number(counts.find((count) => count.name === name)?.value ?? 0);
  return { put: of("job_put"), removed: of("job_removed") };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** With all that is in it: who has one from the list has it together with others. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

/** Its slots stay claimed: a job of openclaw.yml that comes back under its old id does not fire them again. */
export function deleteJob(db: Database, id: string): void {
  db.run("DELETE FROM jobs WHERE id = ?", id);
  db.run("UPDATE slots SET body = NULL WHERE job_id = ?", id);
}

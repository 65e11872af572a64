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

/** Gives all jobs, in the order they were made, and from then on reads only those that changed since. They are frozen. */
export function createJobList(db: Database): () => Job[] {
  const held = new Map<string, { made: string; job: Job }>();
  let sorted: Job[] = [];
  let looked = { put: -1, removed: -1 };
  return () => {
    const now = changesOf(db);
    if (now.put !== looked.put || now.removed !== looked.removed) {
      // Which of them are gone, none of those that are left tells.
      const isAnew = now.removed !== looked.removed;
      if (isAnew) held.clear();
      const rows = db.all("SELECT id, created_at, body FROM jobs WHERE changed > ?", isAnew ? -1 : looked.put);
      for (const { id, created_at: made, body } of rows)
        held.set(String(id), { made: String(made), job: freeze(JSON.parse(String(body))) });
      sorted = [...held]
        .sort(([a, one], [b, other]) => compare(one.made, other.made) || compare(a, b))
        .map(([, { job }]) => job);
      looked = now;
    }
    return [...sorted];
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

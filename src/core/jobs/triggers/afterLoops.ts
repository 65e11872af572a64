import { isAppError } from "../../../base/appError.ts";
import type { Job } from "../../../protocol/job.ts";
import { jobNamed } from "../jobNamed.ts";

/** The job that another follows; undefined where it follows none, or one that is not there. */
export function followed({ schedule }: Pick<Job, "schedule">, all: Job[]): Job | undefined {
  if (schedule.kind !== "after") return undefined;
  try {
    return jobNamed(all, schedule.jobId);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** Names of the jobs in the ring that a job would fire itself in; undefined where there is none. */
export function afterLoop(job: Job, others: Job[]): string[] | undefined {
  const all = [...others.filter(({ id }) => id !== job.id), job];
  const names: string[] = [job.name];
  let at = followed(job, all);
  for (const seen = new Set<string>(); at && !seen.has(at.id); at = followed(at, all)) {
    names.push(at.name);
    if (at.id === job.id) return names;
    seen.add(at.id);
  }
  return undefined;
}

import type { Job } from "../../../protocol/job.ts";

/** Whether a job runs or is rehearsed, as its own row says; the job changes when that ends. */
export function isAtWork({ lastStatus, rehearsal }: Job): boolean {
  return lastStatus === "running" || (rehearsal !== undefined && rehearsal.finishedAt === undefined);
}

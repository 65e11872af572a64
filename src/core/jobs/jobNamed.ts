import { AppError } from "../../base/appError.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { Job } from "../../protocol/job.ts";

/** The job of an id, or the only one of a name: not_found where there is none, conflict where several have the name. */
export function jobNamed(jobs: Job[], ref: string): Job {
  const shown = quotedLine(ref);
  const byId = jobs.find(({ id }) => id === ref);
  if (byId) return byId;
  const [first, ...more] = jobs.filter(({ name }) => name === ref);
  if (!first) throw new AppError("not_found", `No job has the id or the name ${shown}`);
  if (more.length > 0)
    throw new AppError("conflict", `${more.length + 1} jobs are named ${shown}; say which by its id`);
  return first;
}

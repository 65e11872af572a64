import { type RunRecord, worksFor } from "../../protocol/run.ts";
import { changedFiles, voidWords } from "./grantBinding.ts";
import type { JobParts } from "./jobParts.ts";

/**
 * Why the grants of the job that a run works for, itself or for others, do not hold any more: a file that a granted command
 * may run was changed since the run began, perhaps by the run. Undefined while they hold.
 */
export async function lapsedGrants(run: RunRecord, parts: JobParts): Promise<string | undefined> {
  const { store } = parts;
  let at: RunRecord | undefined = run;
  while (at) {
    const id: string | undefined = at.job?.id ?? (at.origin.via === "cron" ? at.origin.id : undefined);
    const job = id === undefined ? undefined : (await store.getJob(id))?.job;
    if (job?.grants && job.grants.length > 0) return voidWords(await changedFiles(job, parts));
    const parent: string | undefined = worksFor(at);
    at = parent === undefined ? undefined : await store.getRun(parent);
  }
  return undefined;
}

import type { Job } from "../../protocol/job.ts";
import type { Rule } from "../../protocol/rule.ts";
import { type RunRecord, worksFor } from "../../protocol/run.ts";
import { changedFiles, voidWords } from "./grantBinding.ts";
import type { JobParts } from "./jobParts.ts";

/**
 * Why the grants of the job that a run works for, itself or for others, do not hold any more: somebody took them away since
 * the run began, or, of a command, a file that it may run was changed, perhaps by the run. Undefined while they hold.
 */
export async function lapsedGrants(
  run: RunRecord,
  { isCommand }: { isCommand: boolean },
  parts: JobParts,
): Promise<string | undefined> {
  const { store } = parts;
  let at: RunRecord | undefined = run;
  while (at) {
    const id: string | undefined = at.job?.id ?? (at.origin.via === "cron" ? at.origin.id : undefined);
    if (id !== undefined) {
      const job = (await store.getJob(id))?.job;
      const taken = takenWords(at.grants ?? [], job);
      if (taken !== undefined) return taken;
      if (job?.grants && job.grants.length > 0)
        return isCommand ? voidWords(await changedFiles(job, parts), true) : undefined;
    }
    const parent: string | undefined = worksFor(at);
    at = parent === undefined ? undefined : await store.getRun(parent);
  }
  return undefined;
}

/** What a run of the job has may be less than the job has by now, and never more. */
function takenWords(given: Rule[], job: Job | undefined): string | undefined {
  if (given.length === 0) return undefined;
  if (!job) return "Its grants do not hold any more: the job was removed.";
  const [before, now] = [given, job.grants ?? []].map((rules) => new Set(rules.map((rule) => JSON.stringify(rule))));
  const isKept = given.every((rule) => rule.deny !== undefined || now!.has(JSON.stringify(rule)));
  const isNarrowed = (job.grants ?? []).some((rule) => rule.deny !== undefined && !before!.has(JSON.stringify(rule)));
  if (isKept && !isNarrowed) return undefined;
  return "Its grants do not hold any more: they were changed after this run began.";
}

import type { Rule } from "../../protocol/rule.ts";
import { type RunRecord, worksFor } from "../../protocol/run.ts";
import { configuredGrants } from "../permission/configuredGrants.ts";
import { tokenOf } from "../permission/grantLists.ts";
import { changedFiles, voidWords } from "./grantBinding.ts";
import type { JobParts } from "./jobParts.ts";

/**
 * Why the grants that a run has, or has of one that it works for, do not hold any more: somebody took them away since that
 * began, from its job or in the configuration; or, of a command, a file that a job may run was changed, perhaps by the run.
 * Undefined while they hold.
 */
export async function lapsedGrants(
  run: RunRecord,
  { isCommand }: { isCommand: boolean },
  parts: JobParts,
): Promise<string | undefined> {
  const { store, settings } = parts;
  let at: RunRecord | undefined = run;
  while (at) {
    const id: string | undefined = at.job?.id ?? (at.origin.via === "cron" ? at.origin.id : undefined);
    if (id !== undefined) {
      const job = (await store.getJob(id))?.job;
      const given = at.grants ?? [];
      if (!job && given.length > 0) return "Its grants do not hold any more: the job was removed.";
      if (isTaken(given, job?.grants ?? []))
        return "Its grants do not hold any more: they were changed after this run began.";
      if (job?.grants && job.grants.length > 0)
        return isCommand ? voidWords(await changedFiles(job, parts), true) : undefined;
    }
    const now = configuredGrants(at, settings());
    if (now && now.every((grants) => isTaken(fromSender(run, at!), grants)))
      return "Its grants do not hold any more: they were changed in openclaw.yml after this run began.";
    const parent: string | undefined = worksFor(at);
    at = parent === undefined ? undefined : await store.getRun(parent);
  }
  return undefined;
}

/** What a run was given may be less than whoever gave it has by now, and never more. */
function isTaken(given: Rule[], now: Rule[]): boolean {
  if (given.length === 0) return false;
  const [before, after] = [given, now].map((rules) => new Set(rules.map((rule) => JSON.stringify(rule))));
  const isKept = given.every((rule) => rule.deny !== undefined || after!.has(JSON.stringify(rule)));
  const isNarrowed = now.some((rule) => rule.deny !== undefined && !before!.has(JSON.stringify(rule)));
  return !isKept || isNarrowed;
}

/** What a run has of what the configuration gave the one that it works for, in the end. */
function fromSender(run: RunRecord, sender: RunRecord): Rule[] {
  if (tokenOf(sender.origin) === undefined) return sender.grants ?? [];
  // A token's own are looked at anew with each call; whom its run led to has a copy, as the last of its lists.
  return run === sender ? [] : ([...(run.grants ? [run.grants] : []), ...(run.within ?? [])].at(-1) ?? []);
}

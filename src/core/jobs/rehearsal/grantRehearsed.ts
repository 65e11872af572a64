import { AppError } from "../../../base/appError.ts";
import { isoTime } from "../../../base/clock.ts";
import { quotedLine } from "../../../base/text/visible.ts";
import type { Job } from "../../../protocol/job.ts";
import type { Rule } from "../../../protocol/rule.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { Keep } from "../../ports/batch.ts";
import { bound, differing, digestOfJob, digestsOfFiles, folderOf, shownNames, voidReason } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";
import { grantLines } from "./grantLines.ts";
import { listAsked } from "./listAsked.ts";

const MOST_GRANTS = 100;

/** Gives a job exactly these of what its rehearsal asked, beside what it had before and still holds. */
export async function grantRehearsed(
  parts: JobParts,
  { id, runId, take }: { id: string; runId: string; take: number[] },
  keep?: Keep<Job>,
): Promise<Job> {
  const { jobs, store, clock } = parts;
  const known = await jobs.get(id);
  const run = await store.getRun(runId);
  if (run?.job?.id !== id || !run.job.rehearsal || run.continues !== undefined)
    throw new AppError("not_found", `Run ${quotedLine(runId)} is no rehearsal of the job "${known.name}"`);
  if (run.state !== "finished")
    throw new AppError("conflict", "The rehearsal goes on; what it asked is granted when it has ended");
  const asked = await listAsked(parts, run);
  const unknown = take.find((number) => !asked.some((one) => one.number === number));
  if (unknown !== undefined)
    throw new AppError("bad_request", `take: ${unknown} is no number of what was asked; there are ${asked.length}`);
  const empty = asked.find(({ number, grants }) => take.includes(number) && grants.length === 0);
  if (empty) throw new AppError("bad_request", `take: ${empty.number} cannot be granted. ${empty.words}`);
  const ticked = asked.filter(({ number }) => take.includes(number)).flatMap(({ grants }) => grants);
  await checkUnchanged(known, run, parts);
  if (known.ownedByFile) throw ownedByFile(known, ticked);
  const granted = await jobs.alone(id, async (job) => {
    await checkUnchanged(job, run, parts);
    for (const one of asked) if (take.includes(one.number)) await checkFiles(job, one, parts);
    const had = (await voidReason(job, parts)) === undefined ? (job.grants ?? []) : [];
    const offered = new Set(asked.flatMap(({ grants }) => grants).map(textOf));
    const grants = withRules(
      had.filter(
        (rule) => !offered.has(textOf(rule)) || (run.grants ?? []).some((own) => textOf(own) === textOf(rule)),
      ),
      ticked,
    );
    if (grants.length > MOST_GRANTS)
      throw new AppError(
        "bad_request",
        `take: A job may have ${MOST_GRANTS} grants, and this would be ${grants.length}`,
      );
    // Whoever grants nothing to a job that had nothing leaves it as it was: it asks.
    const { grants: _, ...bare } = job;
    const isNone = grants.length === 0 && run.grants === undefined;
    const next = { ...(isNone ? bare : { ...job, grants }), updatedAt: isoTime(clock.now()) };
    const put = await bound(next, parts);
    return jobs.put(put, { answers: keep?.(put) ?? [] });
  });
  return granted ?? jobs.get(id);
}

/** Each once. */
export function withRules(given: Rule[], more: Rule[]): Rule[] {
  return [...new Map([...given, ...more].map((rule) => [textOf(rule), rule])).values()];
}

/** Throws `conflict` when the job would do another thing now than the run did. One of an earlier version says nothing of it. */
export async function checkUnchanged(job: Job, { job: work }: RunRecord, parts: JobParts): Promise<void> {
  if (work === undefined || work.of === (await digestOfJob(job, parts))) return;
  throw new AppError(
    "conflict",
    `The job "${job.name}" was changed since this run began: what it does now was not asked about. Rehearse it again.`,
  );
}

/** Throws `conflict` when what a command of these rules may run is not what it was when somebody was asked about it. */
export async function checkFiles(
  job: Job,
  { grants, files }: { grants: Rule[]; files?: Record<string, string> | undefined },
  parts: JobParts,
): Promise<void> {
  if (files === undefined) return;
  const changed = differing(files, await digestsOfFiles(grants, await folderOf(job, parts), parts));
  if (changed.length === 0) return;
  throw new AppError(
    "conflict",
    `${shownNames(changed)} changed since it was asked about: what would run now was not seen. Rehearse it again.`,
  );
}

function ownedByFile({ name, file = "openclaw.yml" }: Job, grants: Rule[]): AppError {
  return new AppError(
    "conflict",
    `The job "${name}" is declared in ${file}, which alone changes it. Write this into its entry there:\n${grantLines(grants)}`,
  );
}

function textOf(rule: Rule): string {
  return JSON.stringify(Object.entries(rule).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

import { AppError } from "../../../base/appError.ts";
import { cutText } from "../../../base/cutText.ts";
import { defined } from "../../../base/defined.ts";
import { quotedLine } from "../../../base/text/visible.ts";
import type { Job } from "../../../protocol/job.ts";
import type { RehearsalAsked, RehearsalReport } from "../../../protocol/written/rehearsal.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import { mayDoWords } from "../../../rules/coverWords.ts";
import { changedSince, digestOfJob, voidWords, withVoid } from "../grantBinding.ts";
import { heartbeatNews } from "../heartbeat.ts";
import { toldDelivery } from "../delivery/toldDelivery.ts";
import type { JobParts } from "../jobParts.ts";
import { grantLines } from "./grantLines.ts";
import { type ListedAsk, listAsked } from "./listAsked.ts";

const MOST_CHARS = 4000;

/** A rehearsal on one page, as it stands now. */
export async function rehearsalReport(
  parts: JobParts,
  { id, runId }: { id?: string; runId?: string },
): Promise<RehearsalReport> {
  const { store, jobs } = parts;
  const named = id === undefined ? undefined : await jobs.get(id);
  const wanted = runId ?? named?.rehearsal?.runId;
  if (wanted === undefined)
    throw named
      ? new AppError("not_found", `The job "${named.name}" was not rehearsed yet`)
      : new AppError("bad_request", "Expected the id of a job, or the runId of a rehearsal");
  const run = await store.getRun(wanted);
  if (!run?.job?.rehearsal || (id !== undefined && run.job.id !== id))
    throw new AppError("not_found", `Run ${quotedLine(wanted)} is no rehearsal, or its session was deleted`);
  const job = (await store.getJob(run.job.id))?.job;
  const asked = await listAsked(parts, run);
  const changed = job ? await changedSince(job, parts) : [];
  const holds = changed.length === 0 ? (job?.grants ?? []) : [];
  const has = new Set(holds.map((rule) => JSON.stringify(rule)));
  const allowed = asked.filter(({ decision }) => decision === "allow_job" || decision === "allow");
  const grants = [...holds, ...allowed.flatMap((one) => one.grants).filter((rule) => !has.has(JSON.stringify(rule)))];
  const { condition } = run.job.rehearsal;
  const isUnchanged = job !== undefined && run.job.of === (await digestOfJob(job, parts));
  return {
    jobId: run.job.id,
    name: job?.name ?? null,
    runId: run.id,
    sessionKey: run.sessionKey,
    state: run.state,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
    outcome: run.outcome ?? null,
    notes: notesOn(run, job, isUnchanged, changed),
    asked: asked.map((one) => shown(one, has)),
    mayDo: job ? mayDoWords(withVoid(job, changed)) : null,
    ...(condition ? { condition: { command: condition.command, unmet: condition.unmet ?? null } } : {}),
    ...(job ? defined({ delivery: await deliveryOf(parts, job, run) }) : {}),
    ...(job?.ownedByFile
      ? { file: job.file ?? "openclaw.yml", ...(isUnchanged ? { yaml: grantLines(grants) } : {}) }
      : {}),
  };
}

function shown(asked: ListedAsk, has: Set<string>): RehearsalAsked {
  const { files: _, ...one } = asked;
  return { ...one, granted: one.grants.length > 0 && one.grants.every((rule) => has.has(JSON.stringify(rule))) };
}

function notesOn(run: RunRecord, job: Job | undefined, isUnchanged: boolean, changed: string[]): string[] {
  const notes: string[] = [];
  if (run.resumes)
    notes.push(
      `The gateway went away in the middle${run.resumes > 1 ? `, ${run.resumes} times` : ""}: the rehearsal was gone on with, and a call that was under way then was not made again.`,
    );
  if (run.outcome?.type === "interrupted")
    notes.push("The gateway went away in the middle, and the rehearsal was not gone on with: rehearse it again.");
  if (run.outcome?.type === "cancelled")
    notes.push("It was cancelled: what it would have done after that is not known.");
  if (run.outcome?.type === "timed_out")
    notes.push("It ran into the job's time limit: what it would have done after that is not known.");
  if (!job) notes.push("The job was removed: there is nothing to grant it to.");
  else if (!isUnchanged)
    notes.push(
      "The job was changed since: what it does now was not asked about, so it can be granted nothing. Rehearse it again.",
    );
  const reason = voidWords(changed);
  if (reason) notes.push(reason);
  return notes;
}

async function deliveryOf(
  parts: JobParts,
  job: Job,
  { id, outcome, createdAt }: RunRecord,
): Promise<RehearsalReport["delivery"]> {
  const mode = job.delivery?.mode ?? (job.payload.kind === "heartbeat" ? "announce" : "none");
  if (mode === "none") return undefined;
  const kept = job.rehearsal?.runId === id ? job.rehearsal.delivery : undefined;
  const sent = kept && (await toldDelivery(parts, kept, { jobId: job.id, of: { rehearsed: id, at: createdAt } }));
  const { url, channel, to = firstOf(parts, channel) } = job.delivery ?? {};
  const { error, why, retryAt, givenUpAt } = sent ?? {};
  return {
    mode,
    ...defined(mode === "webhook" ? { url } : { channel, to }),
    ...defined({ error, why, retryAt, givenUpAt }),
    text: cutText(textOf(job, outcome), MOST_CHARS),
    status: sent?.status ?? "not sent",
  };
}

/** Who may talk on a channel first: what is said to nobody goes there. */
function firstOf({ channels }: JobParts, channel: string | undefined): string | undefined {
  return channel === undefined ? undefined : channels?.settings(channel)?.allow[0];
}

function textOf({ payload }: Job, outcome: RunRecord["outcome"]): string {
  if (payload.kind === "systemEvent") return payload.text;
  if (outcome?.type === "failed") return outcome.error.message;
  const reply = outcome?.reply ?? "";
  return payload.kind === "heartbeat" ? heartbeatNews(reply) : reply;
}

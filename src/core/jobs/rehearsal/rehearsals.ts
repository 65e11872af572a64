import { AppError } from "../../../base/appError.ts";
import { isoTime } from "../../../base/clock.ts";
import { defined } from "../../../base/defined.ts";
import { describeError } from "../../../base/log.ts";
import { sleep, within } from "../../../base/wait.ts";
import type { Job, SlotRecord } from "../../../protocol/job.ts";
import type { RehearsalReport } from "../../../protocol/written/rehearsal.ts";
import type { Rehearsing, RunOutcome } from "../../../protocol/run.ts";
import type { Rehearsed } from "../../services/jobService.ts";
import type { Keep } from "../../ports/batch.ts";
import type { JobDelivery } from "../delivery/deliver.ts";
import type { DeliveryFollower } from "../delivery/followDelivery.ts";
import { deliveryOf, isQuiet } from "../delivery/isDelivered.ts";
import { digestOfJob, voidReason } from "../grantBinding.ts";
import type { JobParts } from "../jobParts.ts";
import { toRetry } from "../retryPolicy.ts";
import type { SlotSettler } from "../settleSlots.ts";
import { storedEnd } from "../../runs/storedEnd.ts";
import { toRequest } from "../toRequest.ts";
import { grantRehearsed } from "./grantRehearsed.ts";
import { rehearsalReport } from "./rehearsalReport.ts";
import { isConditionChanged } from "../conditions/unmetCondition.ts";
import { triedCondition } from "../conditions/triedCondition.ts";

/** Lets a person watch a job do what it would do by itself. A rehearsal is a run, and no firing: it has no slot. */
export interface Rehearsals {
  /** `conflict` while the job runs or is rehearsed. Resolves when the run is stored. */
  begin(id: string, options: { deliver?: boolean }, keep?: Keep<Begun>): Promise<Begun>;
  tell(of: { id?: string; runId?: string }): Promise<RehearsalReport>;
  grant(given: { id: string; runId: string; take: number[] }, keep?: Keep<Job>): Promise<Job>;
  /** Follows those that an earlier gateway began. */
  takeUp(jobs: Job[]): void;
}

type Begun = Pick<Rehearsed, "runId" | "sessionKey">;

export interface RehearsalParts extends JobParts {
  settler: SlotSettler;
  delivery: JobDelivery;
  following: Pick<DeliveryFollower, "follow">;
}

/** By its run: what resolves when the end of a rehearsal is noted in its job, with what became of its result. */
type Followed = Map<string, Promise<void>>;

const STORE_AGAIN_MS = 15_000;
// What is told right after the run has ended would say that its result was not sent.
const SENDING_MS = 10_000;

export function createRehearsals(given: RehearsalParts): Rehearsals {
  const followed: Followed = new Map();
  const parts = { ...given, followed };
  // Whose conditions are being tried: there is no run yet.
  const preparing = new Set<string>();
  return {
    async begin(id, { deliver = false }, keep) {
      const job = await parts.jobs.get(id);
      if (deliver && deliveryOf(job).mode === "none")
        throw new AppError("bad_request", `deliver: The job "${job.name}" delivers nowhere`);
      if (preparing.has(id)) throw rehearsedAlready(job);
      preparing.add(id);
      try {
        await parts.jobs.alone(id, async (now) => void (await free(parts, now)));
        const condition = job.condition && (await triedCondition(job, parts));
        const rehearsing = defined({ condition, deliver: deliver || undefined }) as Rehearsing;
        return await begin(parts, job, rehearsing, keep);
      } finally {
        preparing.delete(id);
      }
    },
    async tell(of) {
      const report = await rehearsalReport(parts, of);
      const noted = report.state === "finished" && report.delivery ? parts.followed.get(report.runId) : undefined;
      if (!noted) return report;
      await within(parts.clock, SENDING_MS, noted);
      return rehearsalReport(parts, of);
    },
    grant: (given, keep) => grantRehearsed(parts, given, keep),
    takeUp(jobs) {
      for (const { id, rehearsal } of jobs)
        if (rehearsal && rehearsal.finishedAt === undefined) void follow(parts, id, rehearsal.runId);
    },
  };
}

async function begin(
  parts: RehearsalParts & { followed: Followed },
  looked: Job,
  rehearsal: Rehearsing,
  keep?: Keep<Begun>,
): Promise<Begun> {
  const { jobs, sessions, clock } = parts;
  const begun = await jobs.alone(looked.id, async (stored) => {
    const job = await free(parts, stored);
    if (isConditionChanged(looked, job))
      throw new AppError(
        "conflict",
        `The condition of the job "${job.name}", or where it is asked, was changed while it was tried; rehearse it again`,
      );
    const reason = await voidReason(job, parts);
    const request = toRequest(job, reason);
    const work = { id: job.id, of: await digestOfJob(job, parts), rehearsal };
    let next = job;
    const origin = { ...request.origin, rehearsal: true as const };
    const run = await sessions.send({ ...request, origin, attended: true, job: work }, ({ id, sessionKey }) => {
      next = { ...job, rehearsal: { runId: id, sessionKey, startedAt: isoTime(clock.now()) } };
      return { jobs: [jobs.change(next)], answers: keep?.({ runId: id, sessionKey }) ?? [] };
    });
    jobs.tell(next);
    void follow(parts, job.id, run.id, run.end);
    return { runId: run.id, sessionKey: run.sessionKey };
  });
  return begun ?? Promise.reject(new AppError("not_found", "The job was removed"));
}

/** The job as it is now, neither running nor rehearsed. */
async function free({ settler }: RehearsalParts, stored: Job): Promise<Job> {
  const { job, isBusy, isRehearsed } = await settler.settled(stored);
  if (isRehearsed) throw rehearsedAlready(job);
  if (isBusy)
    throw new AppError("conflict", `The job "${job.name}" is running; it can be rehearsed when that has ended`);
  return job;
}

function rehearsedAlready({ name }: Job): AppError {
  return new AppError(
    "conflict",
    `The job "${name}" is being rehearsed already; answer what it asks, or cancel that run`,
  );
}

async function follow(
  parts: RehearsalParts & { followed: Followed },
  id: string,
  runId: string,
  given?: Promise<RunOutcome>,
): Promise<void> {
  const noted = note(parts, id, runId, given);
  parts.followed.set(runId, noted);
  await noted.finally(() => parts.followed.delete(runId));
}

/** Notes the end of a rehearsal in its job when it comes, and sends its result where that was wished. */
async function note(parts: RehearsalParts, id: string, runId: string, given?: Promise<RunOutcome>): Promise<void> {
  const { jobs, log, clock } = parts;
  const outcome = await (given ?? storedEnd(parts, runId));
  let result: { delivery: SlotRecord["delivery"] } | undefined;
  while (!parts.isClosed()) {
    try {
      result ??= { delivery: await sent(parts, id, runId, outcome) };
      const { delivery } = result;
      // What was not delivered is left to the next start.
      if (delivery?.status === "pending") return;
      await jobs.alone(id, async (job) => {
        const { rehearsal } = job;
        if (rehearsal?.runId !== runId || rehearsal.finishedAt !== undefined) return;
        const finishedAt = isoTime(clock.now());
        await jobs.put({ ...job, rehearsal: { ...rehearsal, finishedAt, ...defined({ delivery }) } });
      });
      const channel = delivery?.channel;
      const at = (await parts.store.getRun(runId))?.createdAt;
      if (channel !== undefined && at !== undefined)
        parts.following.follow({ jobId: id, channel, of: { rehearsed: runId, at } });
      return;
    } catch (error) {
      log.error("The end of a rehearsal could not be stored", { jobId: id, error: describeError(error) });
      await sleep(clock, STORE_AGAIN_MS);
    }
  }
}

async function sent(
  { store, delivery }: RehearsalParts,
  id: string,
  runId: string,
  outcome: RunOutcome | undefined,
): Promise<SlotRecord["delivery"]> {
  const run = await store.getRun(runId);
  const job = (await store.getJob(id))?.job;
  if (!job || !outcome || !run?.job?.rehearsal?.deliver || outcome.type === "cancelled") return undefined;
  if (isQuiet(job, outcome)) return undefined;
  const retry = toRetry(outcome);
  const at = run.createdAt;
  return delivery.sendRehearsed(job, {
    jobId: id,
    slot: at,
    status: retry.ok ? "ok" : "failed",
    cause: "manual",
    runId,
    sessionKey: run.sessionKey,
    startedAt: at,
    ...defined({ finishedAt: run.finishedAt, error: retry.ok ? undefined : retry.error }),
  });
}

import { toErrorBody } from "../base/appError.ts";
import { isoTime } from "../base/clock.ts";
import { describeError } from "../base/log.ts";
import { nextSlot } from "../base/schedule.ts";
import type { Job, SlotRecord } from "../protocol/job.ts";
import type { RunOutcome } from "../protocol/run.ts";
import type { Run } from "./core.ts";
import { type JobsOptions, toTime } from "./jobs.ts";

export interface Firing {
  /** Fires what of the job is due, advancing it first. */
  due(job: Job, now: number): Promise<void>;
  byHand(job: Job): Promise<SlotRecord>;
  /** Follows the runs that an earlier gateway began to their end. */
  takeUp(): Promise<void>;
}

export interface FiringOptions extends JobsOptions {
  edit(id: string, change: (job: Job) => Job): Promise<Job | undefined>;
}

const RETRY_AFTER_MS = [30_000, 60_000, 300_000, 900_000, 3_600_000];
// A slot this late was missed: the machine slept, or nothing ran.
const LATE_MS = 60_000;
const OUTCOME_WAIT_MS = 2 ** 40;

export function createFiring(options: FiringOptions): Firing {
  const { store, clock, log, sessions, runs, edit } = options;
  const busy = new Set<string>();

  const submit = (job: Job): Promise<Run> =>
    sessions.send({
      text: job.payload.kind === "systemEvent" ? job.payload.text : job.payload.message,
      asEvent: job.payload.kind === "systemEvent",
      origin: { via: "cron", id: job.id },
      ...(job.sessionTarget === "isolated" ? { label: job.name } : { sessionKey: job.sessionTarget }),
      model: job.model,
      workspace: job.sessionTarget === "isolated" ? job.workspace : undefined,
      timeoutMs: job.timeoutSeconds === undefined ? undefined : job.timeoutSeconds * 1000,
      budgetUsd: job.budgetUsd,
    });

  const settle = async (record: SlotRecord, outcome: RunOutcome): Promise<void> => {
    const ok = outcome.type === "done";
    const error = ok
      ? undefined
      : outcome.type === "failed"
        ? outcome.error.message
        : `The run ended as ${outcome.type}`;
    const finishedAt = isoTime(clock.now());
    await store.putSlot({ ...record, status: ok ? "ok" : "failed", finishedAt, ...(error ? { error } : {}) });
    await edit(record.jobId, (job) => afterRun(job, finishedAt, error, clock.now()));
  };

  /** Runs a claimed slot. Resolves once its run is submitted; the end is followed in the background. */
  const begin = async (job: Job, claimed: SlotRecord): Promise<SlotRecord> => {
    busy.add(job.id);
    let record = claimed;
    try {
      const run = await submit(job);
      record = { ...claimed, runId: run.id, sessionKey: run.sessionKey };
      await store.putSlot(record);
      await edit(job.id, (now) => ({ ...now, lastRunAt: record.startedAt, lastStatus: "running" }));
      void follow(record, run.outcome);
    } catch (error) {
      busy.delete(job.id);
      await settle(record, { type: "failed", error: toErrorBody(error) });
    }
    return record;
  };

  const follow = async (record: SlotRecord, outcome: Promise<RunOutcome>): Promise<void> => {
    try {
      await settle(record, await outcome);
    } catch (error) {
      log.error("The end of a job's run could not be stored", { jobId: record.jobId, error: describeError(error) });
    } finally {
      busy.delete(record.jobId);
    }
  };

  const claim = async (
    job: Job,
    slot: number,
    cause: SlotRecord["cause"],
    status: SlotRecord["status"],
  ): Promise<SlotRecord | undefined> => {
    const record: SlotRecord = {
      jobId: job.id,
      slot: isoTime(slot),
      status,
      cause,
      startedAt: isoTime(clock.now()),
      ...(status === "running" ? {} : { finishedAt: isoTime(clock.now()) }),
    };
    return (await store.claimSlot(record)) ? record : undefined;
  };

  return {
    async due(job, now) {
      if (!job.enabled) return;
      const retryAt = job.state.retryAt === undefined ? Infinity : Date.parse(job.state.retryAt);
      const slot = job.nextRunAt === null ? Infinity : Date.parse(job.nextRunAt);
      if (slot <= now) {
        const late = now - slot > LATE_MS;
        const next = nextSlot(job.schedule, now, Date.parse(job.createdAt));
        const advanced = await edit(job.id, (current) => ({
          ...current,
          nextRunAt: toTime(next),
          ...(next === null ? { enabled: false } : {}),
          state: withoutRetry(current.state),
        }));
        if (!advanced) return;
        const status = late && !isCaughtUp(job, now - slot) ? "missed" : busy.has(job.id) ? "skipped" : "running";
        const record = await claim(job, slot, late ? "misfire" : "schedule", status);
        if (!record) return;
        if (status === "running") await begin(advanced, record);
        else
          await edit(job.id, (current) => ({
            ...current,
            lastStatus: status === "skipped" ? current.lastStatus : status,
          }));
      } else if (retryAt <= now && !busy.has(job.id)) {
        const current = await edit(job.id, (before) => ({ ...before, state: withoutRetry(before.state) }));
        const record = current && (await claim(current, retryAt, "retry", "running"));
        if (record) await begin(current, record);
      }
    },
    async byHand(job) {
      // By hand counts in whole milliseconds, so that two presses are two firings.
      for (let slot = clock.now(); ; slot++) {
        const record = await claim(job, slot, "manual", "running");
        if (record) return begin(job, record);
      }
    },
    async takeUp() {
      for (const record of await store.listSlots({ limit: 1000, status: "running" })) {
        busy.add(record.jobId);
        const outcome = record.runId === undefined ? undefined : runs.wait(record.runId, OUTCOME_WAIT_MS);
        const lost: RunOutcome = { type: "interrupted", reply: "" };
        void follow(record, outcome ? outcome.then((run) => run.outcome ?? lost) : Promise.resolve(lost));
      }
    },
  };
}

function isCaughtUp(job: Job, age: number): boolean {
  if (job.misfire?.policy === "skip") return false;
  return job.misfire?.maxAgeSeconds === undefined || age <= job.misfire.maxAgeSeconds * 1000;
}

function withoutRetry({ retryAt: _, ...state }: Job["state"]): Job["state"] {
  return state;
}

function afterRun(job: Job, finishedAt: string, error: string | undefined, now: number): Job {
  const done: Job = {
    ...job,
    lastRunAt: finishedAt,
    lastStatus: error === undefined ? "ok" : "failed",
    state: { consecutiveErrors: 0 },
  };
  if (error === undefined) return done;
  const errors = job.state.consecutiveErrors + 1;
  const wait = RETRY_AFTER_MS[errors - 1];
  // A one-shot stays on for its retries, and is off for good after the last of them.
  const retry =
    wait !== undefined && (job.enabled || job.schedule.kind === "at") ? { retryAt: isoTime(now + wait) } : {};
  return {
    ...done,
    enabled: job.enabled || "retryAt" in retry,
    state: { consecutiveErrors: errors, lastError: error, ...retry },
  };
}

import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import type { ErrorCode } from "../../protocol/error.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import { goesOn, oneShotTime } from "./jobTimes.ts";
import type { RunOutcome } from "../../protocol/run.ts";

/**
 * What a firing's end means for its job. transient: worth another try. lasting: will fail again until somebody mends
 * it. final: over for this slot, without another try.
 */
export type Retry = { ok: true } | { ok: false; error: string; kind: "transient" | "lasting" | "final" };

const RETRY_AFTER_MS = [30_000, 60_000, 300_000, 900_000, 3_600_000];

const LASTING = new Set<ErrorCode>(["bad_request", "not_found", "forbidden", "unauthorized", "payload_too_large"]);

export function toRetry(outcome: RunOutcome): Retry {
  switch (outcome.type) {
    case "done":
      return { ok: true };
    case "cancelled":
      return { ok: false, error: "The run was cancelled", kind: "final" };
    case "timed_out":
      return { ok: false, error: "The run passed its time limit", kind: "transient" };
    case "interrupted":
      return { ok: false, error: "The run was interrupted and could not go on", kind: "transient" };
    case "failed": {
      const { code, message } = outcome.error;
      // A budget counts per firing: five more tries would spend it five times more. A result was asked for twice already.
      if (code === "budget_exhausted" || code === "invalid_result") return { ok: false, error: message, kind: "final" };
      return { ok: false, error: message, kind: LASTING.has(code) ? "lasting" : "transient" };
    }
  }
}

/** The job after one of its firings ended: when it is tried again, or that it is turned off. */
export function afterFiring(job: Job, record: SlotRecord, retry: Retry, now: number): Job {
  const { inDoubt, lookFault } = job.state;
  const known = defined({ inDoubt, lookFault });
  // With no try left, a one-shot whose time has come is over.
  const enabled = job.enabled && goesOn(job, job.nextRunAt);
  if (retry.ok) return { ...job, enabled, lastStatus: "ok", state: { consecutiveErrors: 0, ...known } };
  const failed: Job = { ...job, lastStatus: "failed", state: { ...job.state, lastError: retry.error } };
  // Whoever fires by hand sees how it ends, and tries again by hand.
  if (record.cause === "manual") return failed;
  const isOneShot = job.schedule.kind === "at";
  const consecutiveErrors = job.state.consecutiveErrors + 1;
  failed.state = { consecutiveErrors, lastError: retry.error, ...known };
  const wait = RETRY_AFTER_MS[consecutiveErrors - 1];
  const isWorthIt = retry.kind === "transient" || (retry.kind === "lasting" && !isOneShot);
  // A retry turns on again what was turned off when it fired.
  if (isWorthIt && wait !== undefined && (job.enabled || isSpent(job, record, now))) {
    return { ...failed, enabled: true, state: { ...failed.state, retryAt: isoTime(now + wait) } };
  }
  if (retry.kind !== "lasting" || isOneShot || wait !== undefined) return { ...failed, enabled };
  const lastError = `${retry.error} (turned off after ${consecutiveErrors} failures)`;
  return { ...failed, enabled: false, nextRunAt: null, state: { consecutiveErrors, lastError } };
}

/** Whether a job is off, by the end of a firing, because the one time that it has came, and not because somebody turned it off. */
export function isSpent(job: Job, { cause, startedAt }: SlotRecord, now: number): boolean {
  const { schedule, updatedAt } = job;
  if (schedule.kind !== "at") return false;
  const [at, began] = [oneShotTime(schedule.at, job), Date.parse(startedAt)];
  const isByItsTime = cause !== "webhook" && at <= began;
  // A firing before its time turns nothing off; the time that comes meanwhile does.
  return isByItsTime || (at <= now && Date.parse(updatedAt) <= began);
}

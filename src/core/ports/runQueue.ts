import type { RunRecord } from "../../protocol/run.ts";
import type { Fence } from "./fence.ts";
import type { Committed } from "./store.ts";

/**
 * Gives stored runs to whoever works: one run of a session at a time, in the order in which they were put down, each to
 * one worker. A run whose worker is gone is given to another one.
 * One test suite (test/core/ports/runQueueSuite.ts) holds for every implementation.
 */
export interface RunQueue {
  /** Takes runs, at most `limit` side by side, until it is closed. A run is given back by ending or by the work's end. */
  work(options: { limit?: number }, work: (claim: Claim) => Promise<void>): Working;
  /** Does something to a session while none of its runs is under way, before those that wait. */
  between<T>(sessionKey: string, work: (fence: Fence) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Tells the run's worker to stop, within a second. False when no worker has it. */
  cancel(runId: string): Promise<boolean>;
}

export interface Working {
  /** Takes no more. Resolves when nothing is under way. */
  close(): Promise<void>;
}

export interface Claim {
  run: RunRecord;
  /** How often it was given to a worker, this time included. */
  starts: number;
  fence: Fence;
  /** What was stored of its start, where it was taken in the step that put it down: the run is begun. */
  opened?: Committed;
  /** Whether this worker may still have effects: asks this process's own steady clock, so that a pause is noticed. */
  isHeld(): boolean;
  /** Aborts with "cancelled", or with "lost" when another worker has the session. */
  signal: AbortSignal;
}

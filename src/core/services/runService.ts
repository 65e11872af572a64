import type { RunRecord } from "../../protocol/run.ts";
import type { RunQuery } from "../ports/store.ts";

export interface Runs {
  get(id: string): Promise<RunRecord>;
  list(query: RunQuery): Promise<RunRecord[]>;
  /** The finished record, or the unfinished one when `timeoutMs` or `signal` ends the wait. */
  wait(id: string, timeoutMs: number, signal?: AbortSignal): Promise<RunRecord>;
  /** The same, for who is not to wait for a store that takes nothing: rejects with `unavailable` when the run waits for that. */
  waitOrStuck(id: string, timeoutMs: number, signal?: AbortSignal): Promise<RunRecord>;
  /** Resolves with false when it had ended already. */
  cancel(id: string): Promise<boolean>;
  /**
   * Ends these, and tells no one who waits for their results. Resolves when that is stored, with how many had not ended. Where the
   * sub-agent `waiting` waited for these alone, its own result is told.
   */
  stop(runs: RunRecord[], waiting?: { sessionKey: string; cancelled: boolean }): Promise<number>;
}

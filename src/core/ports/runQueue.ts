import type { ModelInfo } from "../../protocol/model.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { Fence } from "./fence.ts";
import type { Committed } from "./store.ts";

/**
 * Gives stored runs to whoever works: one run of a session at a time, in the order in which they were put down, each to
 * one worker. A run whose worker is gone is given to another one.
 * One test suite (test/core/ports/runQueueSuite.ts) holds for every implementation.
 */
export interface RunQueue {
  /** As which worker it takes them. */
  readonly worker: string;
  /** Takes runs until it is closed. A run is given back by ending or by the work's end. */
  work(options: WorkOptions, work: (claim: Claim) => Promise<void>): Working;
  /** Does something to a session while none of its runs is under way, before those that wait. */
  between<T>(sessionKey: string, work: (fence: Fence) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Tells the run's worker to stop, within a second; where that one is gone, whoever is given the run next. False when it
   * was given to none, or has ended.
   */
  cancel(runId: string): Promise<boolean>;
  /** The folders that other workers have, as they name them. */
  places(): string[];
  /** Models that others of them have, and who each is. */
  models(): { owner: string; models: ModelInfo[] }[];
  /** Another process may have put something down, or wants something stopped: to be called where one has said so. */
  look(): void;
}

export interface WorkOptions {
  /** How many side by side, at most. */
  limit?: number;
  /** Folders that are this worker's own, as they are now: what runs in them is taken by those alone who have them. */
  places?(): string[];
  /** Whether an editor has them open: then what runs there is its own alone, whoever else names the same folder. */
  editor?: boolean;
  /** The folder whose owner has this one too: that of a worktree's repository. By default each is its own. */
  home?(folder: string): string | undefined;
  /** Models that only this process may ask, of its editor: what needs one and is in nobody's folder is taken by who has it. */
  models?(): ModelInfo[];
  /** Who it is, for people. */
  owner?: string;
  /** Whether it takes what is in nobody's places, too; true by default. */
  rest?(): boolean;
  /** The store takes nothing for now: what waits for a worker waits on. Told again each second, for as long as it is so. */
  onStuck?(error: unknown): void;
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
  /** Aborts, or is from the start, with "cancelled", or aborts with "lost" when another worker has the session. */
  signal: AbortSignal;
}

import type { AppError } from "../../base/appError.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import type { Batch } from "../ports/batch.ts";
import type { Worktree } from "../../protocol/worktree.ts";

/** A run that was submitted. */
export interface Run {
  id: string;
  sessionKey: string;
  /** Resolves with how it ended, or, where that cannot be stored for now, with why; never rejects. */
  outcome: Promise<RunOutcome>;
  /** Resolves with how it ended once that is stored: what is to be stored by it goes by this. Never rejects. */
  end: Promise<RunOutcome>;
  /** Resolves when the store takes nothing for now, as on a full disk, and the run, which is stored, waits for that to pass. */
  stuck: Promise<AppError>;
  /** Of one that other runs led to: how many more their tree may hold. */
  room?: { depth: number; running: number; runs: number };
  /** Where its session works, if a worktree was made for it. */
  worktree?: Worktree;
  cancel(): void;
}

/**
 * What is put down in the same transaction as the run it tells of: the answers to keep under idempotency keys, the slot
 * of the job that fires. When it is refused, so is the run.
 */
export type StoredWith = (
  run: Pick<Run, "id" | "sessionKey" | "worktree">,
) => Pick<Batch, "answers" | "claims" | "slots" | "jobs" | "channels">;

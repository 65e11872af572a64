import type { SendRequest } from "../../protocol/run.ts";
import type { Run } from "./submittedRun.ts";

/** Answers of earlier runs, kept for scripts that ask the same again and say so. */
export interface ResponseCache {
  /**
   * The newest answer to the same request that is no older than this, or the run that will answer it: the one under way,
   * or else that which `ask` starts. A session's answers are forgotten with its history.
   */
  ask(request: SendRequest, ttlMs: number, ask: () => Promise<Run>): Promise<Asked>;
}

/** What a run answered, for those who ask the same again. */
export interface CachedResponse {
  runId: string;
  sessionKey: string;
  reply: string;
  result?: unknown;
  model: string;
}

/** `stored` resolves when the run's end is stored, with what is stored of it; it never rejects. `isOwn`: asked by this request. */
export type Asked =
  | { found: CachedResponse }
  | { run: Run; stored: Promise<CachedResponse | undefined>; isOwn: boolean };

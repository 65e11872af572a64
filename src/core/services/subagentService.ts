import type { RunRecord, SendRequest } from "../../protocol/run.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Run, StoredWith } from "./submittedRun.ts";

/** Sessions that work for others. */
export interface Subagents {
  /** Those below a session, each before those below itself; siblings newest first. */
  list(sessionKey: string): Promise<Subagent[]>;
  /**
   * Puts a message into the run under way in a session, at its next step; where it ends before that, the message is the
   * next run's. `conflict` when none is under way.
   */
  steer(message: Steering, kept?: StoredWith): Promise<Run>;
  /**
   * Ends what a sub-agent is at, with what is below it unless `tree` is false; of a session that is none, what is below it.
   * Its parent is told, unless `quiet`. Resolves with how many runs had not ended.
   */
  cancel(sessionKey: string, options: { tree: boolean; quiet?: boolean }): Promise<number>;
}

export type Steering = Pick<SendRequest, "text" | "origin" | "sentBy" | "grants" | "within" | "attended"> & {
  sessionKey: string;
  /** The run that it is meant for; by default whichever is under way. */
  runId?: string;
};

export interface Subagent {
  session: StoredSession;
  /** How far below, from 1 on. */
  depth: number;
  /** The newest. */
  run?: RunRecord;
  /** What it is doing, in a few words. */
  activity?: string;
}

import type { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { ToolCall } from "../../protocol/message.ts";
import type { RunRecord, Spawn } from "../../protocol/run.ts";
import type { TreeAdmission } from "../permission/treeAdmission.ts";
import type { RunQueue } from "../ports/runQueue.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { Journal } from "../state/journal.ts";
import type { BesideHooks } from "./besideHooks.ts";
import type { Outcomes } from "./outcomes.ts";

/** Does a run's work to its end. `journal.run.resumes` tells whether it goes on from before. */
export type Work = (journal: Journal, signal: AbortSignal) => Promise<Finished>;

/** The reply, and the last facts, which are stored in one transaction with the run's end. */
export interface Finished {
  reply: string;
  /** Where the reply is to be a value. */
  result?: unknown;
  /** Where it waits for its client. */
  calls?: ToolCall[];
  facts: RunFact[];
}

export interface RunsOptions {
  store: Store;
  queue: RunQueue;
  events: EventLog;
  clock: Clock;
  log: Log;
  tree: TreeAdmission;
  settings: () => AgentSettings;
  work: Work;
  beside: BesideHooks;
}

export type NewRun = Pick<
  RunRecord,
  | "sessionKey"
  | "origin"
  | "input"
  | "model"
  | "timeoutMs"
  | "plan"
  | "form"
  | "clientTools"
  | "answers"
  | "sampling"
  | "metadata"
  | "budgetUsd"
  | "budgetTokens"
  | "grants"
  | "within"
  | "attended"
  | "job"
  | "chargedTo"
  | "place"
  | "continues"
  | "joins"
> & { spawn?: Omit<Spawn, "id"> & { id?: string } };

/** What the operations on runs share. */
export interface RunParts extends RunsOptions {
  /** Runs that are at work in this process. */
  live: Map<string, Live>;
  outcomes: Outcomes;
  /** Aborts when the gateway shuts down. */
  closing: AbortSignal;
}

/** A run at work in this process. */
export interface Live {
  journal: Journal;
  controller: AbortController;
  /** Set once run.finished is being written, so that it is written once. */
  ending: boolean;
  /** Resolves when its end cannot be stored for now, with the reason. */
  unstored: PromiseWithResolvers<AppError>;
}

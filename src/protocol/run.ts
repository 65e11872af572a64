import type { ErrorBody } from "./error.ts";
import type { Attachment, Origin, SystemMessage, UserMessage } from "./message.ts";
import type { Usage } from "./usage.ts";

/** The one request every door ends in. Without a sessionKey it makes a new isolated session. */
export interface SendRequest {
  text: string;
  origin: Origin;
  attachments?: Attachment[];
  sessionKey?: string;
  parentKey?: string;
  /** Title of a session this request makes. */
  label?: string;
  workspace?: string;
  /** For this run only, unless the request makes the session. */
  model?: string;
  /** Limit of the whole run; passing it ends the run as `timed_out`. */
  timeoutMs?: number;
  /** Ceilings of the run and its sub-agents, where they are lower than the configured ones. */
  budgetUsd?: number;
  budgetTokens?: number;
  /** Puts the text in as a system event instead of a user message. */
  asEvent?: boolean;
}

/** How a run ended. `interrupted` is a run that could not be resumed after its gateway went away. */
export type RunOutcome =
  | { type: "done"; reply: string }
  | { type: "cancelled"; reply: string }
  | { type: "timed_out"; reply: string }
  | { type: "interrupted"; reply: string }
  | { type: "failed"; error: ErrorBody };

export type RunState = "queued" | "running" | "finished";

/** One turn of a session, from a message in to an outcome. A row before it is work. */
export interface RunRecord {
  id: string;
  sessionKey: string;
  state: RunState;
  origin: Origin;
  /** What it answers; enters the session's history when the run starts. */
  input: UserMessage | SystemMessage;
  /** "provider/name", as resolved when it was submitted. */
  model: string;
  /** The model of its newest answer, where a fallback took over. */
  answeredBy?: string;
  timeoutMs?: number;
  budgetUsd?: number;
  budgetTokens?: number;
  outcome?: RunOutcome;
  usage: Usage;
  /** How often it went on after its gateway had gone away. */
  resumes?: number;
  createdAt: string;
  startedAt?: string;
  finishedAt?: string;
}

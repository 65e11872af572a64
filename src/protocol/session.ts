import type { Usage } from "./usage.ts";

/** main: the one always there. isolated: made by create, spawn or a job. channel: belongs to a chat outside. */
export type SessionKind = "main" | "isolated" | "channel";

/** waiting: a run needs an approval. failed: the last run ended with an error. */
export type SessionState = "idle" | "queued" | "running" | "waiting" | "failed";

/** An ordered history of messages, and what its runs share. */
export interface Session {
  /** "main", or an opaque id. Never a path. */
  key: string;
  kind: SessionKind;
  title?: string;
  /** The session whose run spawned this one. */
  parentKey?: string;
  /** Absolute folder that tools work in; absent: tools that need files are not offered. */
  workspace?: string;
  /** "provider/name"; absent: the configured default at the time of each run. */
  model?: string;
  state: SessionState;
  usage: Usage;
  messageCount: number;
  /** Tokens of the newest request with its answer: what the context window holds now. */
  contextTokens: number;
  /** Seq of the newest summary, when history was compacted. */
  summarySeq?: number;
  /** The model sees long tool output before this seq shortened. */
  trimmedSeq?: number;
  createdAt: string;
  updatedAt: string;
}

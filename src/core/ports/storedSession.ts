import type { Effort } from "../../protocol/context/agentPart.ts";
import type { Origin } from "../../protocol/message.ts";
import type { SessionKind, SessionMode, SessionState } from "../../protocol/session.ts";
import type { Usage } from "../../protocol/usage.ts";

/** A session as stored and worked with. What of it crosses a process is a `Session`: see `toldSession`. */
export interface StoredSession {
  key: string;
  kind: SessionKind;
  title?: string;
  /** Stored only: a person gave it its title, so that it is not removed for its age. */
  named?: true;
  /** Stored only: what it was called before a person first did. */
  ownTitle?: string;
  /** It stands above others, and is not removed for its age. */
  pinned?: true;
  /** Put away by a person: the next run in it takes that back. */
  archived?: true;
  /** Deleted, and erased at that time unless it is brought back before; `by` is the session that it was deleted with. */
  deleting?: { at: string; by: string };
  /** Stored only: it is deleted as soon as nothing is left to do in it and below it. */
  cleanup?: true;
  /** The session whose run spawned this one. */
  parentKey?: string;
  /** Absolute folder that tools work in; absent: tools that need files are not offered. */
  workspace?: string;
  /** "provider/name"; absent: the configured default at the time of each run. */
  model?: string;
  /** How long its model thinks, where it can be told; absent: as the model does by itself. */
  effort?: Effort;
  /** Of a sub-agent: the tools it has, of those that there are. Absent: all. */
  tools?: string[];
  /** Of a sub-agent with a part of its own: its name, and its instructions as they were confirmed. */
  agent?: { name: string; instructions: string; effort?: Effort };
  /** How calls are decided in the runs that this person starts here; absent: as configured. */
  mode?: { is: SessionMode; by: Origin };
  state: SessionState;
  usage: Usage;
  messageCount: number;
  contextTokens: number;
  /** Stored only: seq of the newest summary, when history was compacted. */
  summarySeq?: number;
  /** Stored only: the model sees long tool output before this seq shortened. */
  trimmedSeq?: number;
  createdAt: string;
  /** Stored only: its history was removed then. */
  resetAt?: string;
  updatedAt: string;
}

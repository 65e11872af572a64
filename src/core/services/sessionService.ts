import type { Effort } from "../../protocol/context/agentPart.ts";
import type { InstructionFile } from "../../protocol/context/instructionFile.ts";
import type { Origin, StoredMessage } from "../../protocol/message.ts";
import type { SessionMode } from "../../protocol/session.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Keep } from "../ports/batch.ts";
import type { Retention } from "../ports/settings.ts";
import type { FoundSession, SessionQuery, TextQuery } from "../ports/store.ts";
import type { Run, StoredWith } from "./submittedRun.ts";

export interface Sessions {
  /**
   * Puts the message and a queued run down in one transaction, then resolves. Unknown session -> not_found ("main"
   * always exists); unknown model -> bad_request; no sessionKey makes an isolated session, under `parentKey` if given.
   */
  send(request: SendRequest, kept?: StoredWith): Promise<Run>;
  /** With a `key` that is taken it is the session of that key, as it is. What `keep` makes is stored with it, here and below. */
  create(session: NewSession, keep?: Keep<StoredSession>): Promise<StoredSession>;
  get(key: string): Promise<StoredSession>;
  list(query: SessionQuery): Promise<{ sessions: StoredSession[]; nextCursor?: string }>;
  /** What users and assistants wrote that holds every word of a query: see Store.searchMessages. */
  search(query: TextQuery): Promise<{ found: FoundSession[]; nextCursor?: string }>;
  /** Oldest first. Without `includeTools` only what people wrote and read, and system events. */
  history(key: string, query: { limit: number; before?: number; includeTools: boolean }): Promise<History>;
  status(key: string): Promise<SessionStatus>;
  /** The files of instructions that its model is told: those that stand, then those of the folders it came into. */
  instructions(key: string): Promise<InstructionFile[]>;
  /** Title, model, and where it stands in lists; null clears. */
  update(key: string, fields: SessionFields, keep?: Keep<StoredSession>): Promise<StoredSession>;
  /** How calls are decided in the runs that `by` starts here; null: as configured. `forbidden` where the configuration denies all. */
  setMode(key: string, mode: SessionMode | null, by: Origin, keep?: Keep<StoredSession>): Promise<StoredSession>;
  /** Cancels its runs and removes its history; the key stays. */
  reset(key: string, keep?: Keep<StoredSession>): Promise<StoredSession>;
  /**
   * Cancels its runs and removes it with its children. "main" is reset instead. With `undoMs` what is removed is erased only
   * after that time, also where the process ends before; resolves with when, as ISO, or undefined where it is gone. With
   * `whenDone` nothing is cancelled: it goes as soon as nothing is left to do in it and below it.
   */
  delete(
    key: string,
    options?: { undoMs?: number; whenDone?: true },
    keep?: Keep<string | undefined>,
  ): Promise<string | undefined>;
  /** Brings back what was deleted with it and is not erased yet: `not_found` when it is. Its runs stay cancelled. */
  restore(key: string, keep?: Keep<StoredSession>): Promise<StoredSession>;
  /** Removes what `retention` lets go. With `dryRun` it only says what that would be. */
  prune(options: { dryRun: boolean }): Promise<Pruned>;
  /** A new session with the messages up to and including `uptoSeq` (all by default); `as` is its key, made up by default. */
  fork(
    key: string,
    options: { title?: string; uptoSeq?: number; as?: string },
    keep?: Keep<StoredSession>,
  ): Promise<StoredSession>;
  /**
   * Replaces the older history by a summary in what the model sees; the originals stay. `conflict` while the session is
   * at work, or when a reset, delete or abort has ended it; what comes meanwhile waits. The token that it came with is charged.
   */
  compact(
    key: string,
    by?: Origin,
  ): Promise<{ session: StoredSession; compacted: boolean; usedTokensBefore: number; usedTokensAfter: number }>;
  /** Cancels the active and queued runs and a compaction by hand, or that alone; resolves with how many. */
  abort(key: string, only?: "compaction"): Promise<number>;
}

export interface NewSession {
  /** From the caller's own namespace, as in "openai-1f3a"; made up by default. */
  key?: string;
  title?: string;
  kind?: "isolated" | "channel";
  parentKey?: string;
  /** null: none, so that there are no files to work on. Absent: the first of this gateway's. */
  workspace?: string | null;
  model?: string;
  tools?: string[];
  agent?: StoredSession["agent"];
}

export interface SessionFields {
  title?: string | null;
  model?: string | null;
  effort?: Effort | null;
  pinned?: boolean;
  archived?: boolean;
}

export interface History {
  messages: StoredMessage[];
  hasMore: boolean;
  /** Subscribing after this id tells everything that is not in `messages`, deltas of the running step included. */
  lastEventId: number;
}

export interface SessionStatus {
  session: StoredSession;
  /** What the next run would use. */
  model: string;
  /** Why its requests will be refused: a ceiling in dollars, and no known price. */
  budgetProblem?: string;
  context: { usedTokens: number; windowTokens: number | null; percent: number | null };
  runs: { total: number; active: number; queued: number; failed: number };
  subagents: StoredSession[];
  instructions: InstructionFile[];
  /** Names of the skills whose instructions its model is told. */
  skills: string[];
}

export interface Pruned {
  retention: Retention;
  sessions: PrunedSession[];
}

export type PrunedSession = Pick<StoredSession, "key" | "updatedAt" | "messageCount"> & {
  title: string | null;
  /** Which of `retention` it goes by. */
  rule: "openai" | "job" | "subagent";
};

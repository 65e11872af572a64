import type { Job, SlotRecord } from "../../protocol/job.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { ApprovalAnswer, Batch, BudgetRecord, IdempotencyRecord, UsageRow } from "./batch.ts";
import type { CommandEnd } from "./commandRows.ts";
import type { Held, HoldQuery } from "./hold.ts";
import type { ChannelNote, InboxQuery, InboxRow, OutboxQuery, OutboxRow } from "./outside/channelRows.ts";
import type { Origin, StoredMessage } from "../../protocol/message.ts";
import type { RunEvent } from "../../protocol/event.ts";
import type { RunRecord, RunState } from "../../protocol/run.ts";
import type { SessionKind } from "../../protocol/session.ts";
import type { StoredSession } from "./storedSession.ts";

/**
 * Everything that must survive. Every promise that resolves is durable. A write that cannot be made rejects with
 * `unavailable` and changes nothing. One test suite (test/store/storeSuite.ts) holds for every implementation.
 */
export interface Store {
  /**
   * All of it, or none of it. Numbers the facts: `seq` without a gap in each session, also over its reset, and `id` in
   * the order in which commits become visible.
   */
  commit(batch: Batch): Promise<Committed>;

  /** Also one that is deleted and may be brought back: its key is taken. */
  getSession(key: string): Promise<StoredSession | undefined>;
  /** Newest `updatedAt` first. `cursor` is what the page before gave as `nextCursor`. */
  listSessions(query: SessionQuery): Promise<{ sessions: StoredSession[]; nextCursor?: string }>;
  /**
   * Sessions with what users and assistants wrote in them that holds every word of a query, or whose title or key does:
   * newest `updatedAt` first. What is deleted is never found, nor what is a note for the model alone.
   */
  searchMessages(query: TextQuery): Promise<{ found: FoundSession[]; nextCursor?: string }>;
  /**
   * The children first, then the session, with events, runs and slots; what its runs have used stays counted for the runs
   * they worked for. With `unusedSince` only where its `updatedAt` is before, nothing is below it, and no run waits in it.
   * Resolves with whether it is gone; `answers` are put down with its own end. Holds nothing else up for long; cut off by a
   * kill, its older messages are left.
   */
  deleteSession(key: string, how?: { unusedSince?: string; answers?: IdempotencyRecord[] }): Promise<boolean>;
  /** Its events, and its runs but those that wait. The session's row and its children stay. */
  clearSession(key: string): Promise<void>;

  /** Messages oldest first: the newest `limit` of those before `before` (a seq). */
  listMessages(sessionKey: string, query: MessageQuery): Promise<{ messages: StoredMessage[]; hasMore: boolean }>;
  /** Stored events with `id` above `afterId`, oldest first. */
  listEvents(query: EventQuery): Promise<RunEvent[]>;
  /** The id of the newest event there ever was; 0 before the first. */
  newestEventId(): Promise<number>;

  getRun(id: string): Promise<RunRecord | undefined>;
  /** Newest first, by the order in which they were put down. */
  listRuns(query: RunQuery): Promise<RunRecord[]>;
  /** Runs that wait in a session and may join another, oldest first: a hundred of them. */
  listJoining(sessionKey: string): Promise<RunRecord[]>;
  /** Unfinished runs of the sub-agents below a session, oldest first; those that are detached, and what is below them, left out. */
  listSpawned(sessionKey: string): Promise<RunRecord[]>;
  /** Sessions that are deleted (`cleanup`) as soon as what has not ended in them or below them has. */
  listCleanups(): Promise<string[]>;
  /** Sessions with a run that has not ended, with their workspaces. */
  listAtWork(): Promise<(Pick<StoredSession, "workspace"> & { sessionKey: string })[]>;
  /** What a run has used, and each of those that work for it, at any depth, by the order in which they were put down. */
  listSpent(runId: string): Promise<Pick<RunRecord, "id" | "usage" | "gone">[]>;
  /** What a session's first run came by; undefined before it. */
  firstVia(sessionKey: string): Promise<Origin["via"] | undefined>;
  /** Whether a run of a session came by anything but these. */
  cameOtherwise(sessionKey: string, vias: Origin["via"][]): Promise<boolean>;
  countRuns(sessionKey: string): Promise<{ total: number; failed: number }>;

  /** With its version, which grows with each change. */
  getJob(id: string): Promise<{ job: Job; version: number } | undefined>;
  /** In the order they were made. Each is given again until it changes, so none is to be written to. */
  listJobs(): Promise<Job[]>;
  deleteJob(id: string, answers?: IdempotencyRecord[]): Promise<void>;
  /** Newest first. */
  listSlots(query: SlotQuery): Promise<SlotRecord[]>;
  /** Drops the records of ended slots but the newest `keep` of each job. Slots due since `claimsSince` stay claimed. */
  pruneSlots(options: { keep: number; claimsSince: string }): Promise<void>;

  /** Questions without an answer whose time is not over, oldest first. */
  listApprovals(query: { sessionKey?: string }): Promise<Approval[]>;
  getApproval(id: string): Promise<AskedApproval | undefined>;
  /** All questions of a run that has not ended, oldest first. */
  listAsked(runId: string): Promise<AskedApproval[]>;

  /** The answer kept under an idempotency key, if it is not older than 24 h. */
  getAnswer(key: string): Promise<IdempotencyRecord | undefined>;
  /** False when the key is taken. One without an answer, whose owner is this one or lives no more, goes to who asks for the same. */
  claimAnswer(answer: IdempotencyRecord): Promise<boolean>;
  putAnswer(answer: IdempotencyRecord): Promise<void>;
  /** Nothing when `owner` is given, and another one's. */
  deleteAnswer(key: string, owner?: string): Promise<void>;

  /** What living workers hold, and what lasts still, oldest first. */
  listHolds(query: HoldQuery): Promise<Held[]>;

  /** The oldest ends of background commands above a number; `newest`: the highest number that was ever given. */
  listCommandEnds(query: { above: number; limit: number }): Promise<{ ends: CommandEnd[]; newest: number }>;
  /** Commands of workers that show no life any more, but for `owner`, have ended, in doubt. False where there are none. */
  loseCommands(owner: string): Promise<boolean>;
  /** Forgets ends before then, in milliseconds since 1970. */
  pruneCommandEnds(before: number): Promise<void>;

  /** What came from a chat network, in the order in which it came. */
  listInbox(query: InboxQuery): Promise<InboxRow[]>;
  /** What goes out to one, in the order in which it was put. */
  listOutbox(query: OutboxQuery): Promise<OutboxRow[]>;
  getOutbox(key: string): Promise<OutboxRow | undefined>;
  /** What is known of a channel under keys that begin with `prefix`, by key. */
  listNotes(channel: string, prefix: string): Promise<ChannelNote[]>;

  /**
   * Takes the lease of that name, or renews it, for `ttlMs` from now by the store's own clock: those of several machines
   * differ. Of several that ask one has it, until it has expired or is dropped; the others are told who.
   */
  holdLease(name: LeaseName, holder: LeaseHolder, ttlMs: number): Promise<Lease>;
  /** Nobody may have it: undefined. Takes nothing. */
  getLease(name: LeaseName): Promise<Lease | undefined>;
  /** Whoever had it works no more, either: its runs are another's at once. */
  dropLease(name: LeaseName, nonce: string): Promise<void>;
  /** Writes what nobody reads: rejects where nothing can be written, as on a full disk. */
  tryWriting(): Promise<void>;

  /** Usage of finished model requests, one row per day (UTC), session and model. */
  listUsage(query: { sinceDay: string; sessionKey?: string }): Promise<UsageRow[]>;
  /** Of these budgets what is known; nothing of one that nothing is known of. */
  listBudgets(keys: string[]): Promise<BudgetRecord[]>;
  /** Forgets budgets that were last changed before then: their periods are over. Those of sessions go with these. */
  pruneBudgets(before: string): Promise<void>;

  /** How much room it takes, and how it was found when it was last looked over. */
  condition(): Promise<StoreCondition>;
  /**
   * One step of its care: looks over the part of it for which that is longest ago, if that is a day; else gives back
   * some room that nothing uses. False when there is nothing to do. Holds nothing else up for long.
   */
  tend(signal: AbortSignal): Promise<boolean>;

  /** From here on all that waits for what other processes lock takes no longer than this together: what then fails is `unavailable`. */
  hurry(ms: number): void;
  close(): Promise<void>;
}

export interface StoreCondition {
  bytes: number;
  /** Of those: what nothing uses. It is used again, or given back. */
  freeBytes: number;
  /** All of it was looked over since then; absent where that was never so. */
  checkedAt?: string;
  /** What was found broken. */
  problem?: string;
}

export interface Committed {
  /** The facts, in the batch's order, as events. */
  events: RunEvent[];
  /** The sessions the batch changed, as they are now. */
  sessions: StoredSession[];
}

export interface AskedApproval {
  approval: Approval;
  answer?: ApprovalAnswer;
}

export interface SessionQuery {
  kinds?: SessionKind[];
  parentKey?: string;
  /** Exactly this one. */
  title?: string;
  /** Matches title, key and message text, case-insensitively. */
  search?: string;
  /** Only those whose `updatedAt` is before. */
  unusedSince?: string;
  /** Only those that are, or that are not. */
  pinned?: boolean;
  archived?: boolean;
  /** Those that are deleted and may be brought back, which else are left out. */
  deleting?: true;
  /** Those behind this key, in the order of keys, which stays as it is while sessions are used; else the newest come first. */
  afterKey?: string;
  limit: number;
  cursor?: string;
}

export interface TextQuery {
  /** Words, and phrases in double quotes; case and accents make no difference, and nothing is an operator. */
  text: string;
  limit: number;
  /** Only in this one: up to `limit` of its messages, before this seq. */
  sessionKey?: string;
  before?: number;
  cursor?: string;
}

export interface FoundSession {
  session: StoredSession;
  /** How many of its messages: 0 where only the title or the key is meant. */
  matchCount: number;
  /** The newest of them, newest first. */
  matches: FoundMessage[];
}

export interface FoundMessage {
  seq: number;
  role: "user" | "assistant";
  createdAt: string;
  /** A line around what was found. */
  snippet: string;
  /** Where in it the words stand. */
  highlights: { start: number; end: number }[];
}

export interface MessageQuery {
  limit: number;
  before?: number;
  /** Only those of this seq and after. */
  from?: number;
  roles?: StoredMessage["role"][];
  /** Without notes for the model alone: what they sum up stands in the history itself, what they quote in a file. */
  notes?: false;
}

export interface EventQuery {
  afterId: number;
  sessionKey?: string;
  runId?: string;
  type?: RunEvent["type"];
  limit: number;
}

export interface SlotQuery {
  jobId?: string;
  slot?: string;
  status?: SlotRecord["status"];
  /** Only those whose result stands so. */
  deliveries?: NonNullable<SlotRecord["delivery"]>["status"][];
  limit: number;
}

export interface RunQuery {
  sessionKey?: string;
  states?: RunState[];
  limit: number;
  /** The id of the last run of the page before. */
  cursor?: string;
}

/**
 * What only one process may do at a time: "gateway" is to serve, to fire jobs and to work on what nobody else does;
 * "successor" is to be the next who does; of a channel, to be who answers there.
 */
export type LeaseName = "gateway" | "successor" | `channel:${string}`;

export interface Lease {
  /** Whether who asked has it. */
  held: boolean;
  holder: LeaseHolder;
  /** Grows with each new holder, so that what an earlier one wrote can be told apart. */
  fence: number;
  /** Until it is anybody's, should it not be renewed. */
  expiresInMs: number;
}

export interface LeaseHolder {
  /** Who it is, for people: "VS Code 4711". */
  owner: string;
  /** Of its Pincer, as in "0.2.0". */
  version?: string;
  pid: number;
  /** Where that pid names the holder; elsewhere the number is another process's. */
  pidSpace?: string;
  /** Proves the holder: a pid alone is not proof. */
  nonce: string;
  /** Where it serves; "" before it does. */
  url: string;
}

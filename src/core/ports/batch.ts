import type { Approval, ApprovalDecision } from "../../protocol/approval.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { RunRecord, RunState } from "../../protocol/run.ts";
import type { Fence } from "./fence.ts";
import type { CommandChange } from "./commandRows.ts";
import type { HoldChange } from "./hold.ts";
import type { ChannelChange } from "./outside/channelRows.ts";
import type { StoredSession } from "./storedSession.ts";
import type { Usage } from "../../protocol/usage.ts";

/** What is stored together or not at all. */
export interface Batch {
  /** Who has the session's lane: the batch is refused with `conflict` when another one has it since. */
  fence?: Fence;
  /** The store gives each its id and its seq, in this order. */
  facts?: StampedFacts[];
  sessions?: SessionChange[];
  /** New runs. They are in the order in which they came here. */
  submits?: Submit[];
  admission?: Admission;
  /**
   * What spawns that end here bring to the sessions they were spawned from, with the last run of each. Put down where runs that end or
   * are stopped here are the last in which the spawn, or what works for it however far below, goes on; unless that last run of its own
   * was stopped; unless the session is gone.
   */
  results?: { of: Pick<RunRecord, "id" | "sessionKey" | "spawn">; submit: Submit }[];
  runs?: RunChange[];
  /**
   * Of the sessions that change here and those above them, each that is to go (`cleanup`) and has nothing left to do, in it and below it,
   * is deleted, and erased at this time.
   */
  erasedAt?: string;
  /** Trees that end here: the results that wait in this session to go on for them are stopped, but those of what is detached. */
  unwanted?: { sessionKey: string; root: string }[];
  jobs?: JobChange[];
  /** Slots to take: one caller per (jobId, slot) ever succeeds. The others' whole batch is refused with `conflict`. */
  claims?: SlotRecord[];
  slots?: SlotChange[];
  /** Added to the day's row. */
  usage?: UsageRow[];
  budgets?: BudgetChange[];
  approvals?: ApprovalChange[];
  holds?: HoldChange[];
  /** What runs in the background, and has ended. */
  commands?: CommandChange[];
  /** Puts the answer of an idempotent call down with what it did. */
  answers?: IdempotencyRecord[];
  /** What came from chat networks, and goes there. */
  channels?: ChannelChange[];
}

/** A new run, and what is stored with it, by where it comes to stand. */
export interface Submit {
  run: RunRecord;
  /** A worker of this store takes it in the same step, and is given it as begun. Absent: it is taken after. */
  begun?: Beside;
  /** Nothing of its session is under way or waits, but nobody here takes it yet. */
  next?: Beside;
  /** Something of its session is under way, or waits before it. */
  behind?: Beside;
}

export type Beside = Pick<Batch, "facts" | "sessions"> & {
  /** What the run itself has become already. */
  run?: RunChange["patch"];
};

/**
 * Whether the new runs have room in the tree they belong to. `check` is called in the transaction that would put them
 * down, before them; what it throws refuses the batch.
 */
export interface Admission {
  /** The run that began the tree. */
  root?: string;
  /** The session that the tree of sub-agents hangs from. */
  top?: string;
  check(now: TreeCount): void;
}

export interface TreeCount {
  /** Runs that `root` led to. What brings a result is not counted. */
  total: number;
  /** Those of them, or of the sub-agents below `top`, that have not ended and do not wait: the larger number. */
  unfinished: number;
}

/** `at`: when they happened, in ISO 8601, where that was not now. */
export interface StampedFacts {
  source: EventSource;
  facts: RunFact[];
  at?: string;
}

export interface EventSource {
  runId: string;
  sessionKey: string;
}

/**
 * A whole row only for a session that is new: where one of that key is there, it stays as it is. Everything else says
 * only what it changes, so that two processes may change title and usage at once. Of an unknown session: nothing.
 */
export type SessionChange =
  | { put: StoredSession }
  | { key: string; patch: SessionPatch }
  | { key: string; add: { usage?: Usage; messageCount?: number } };

/** Null takes a value away. */
export type SessionPatch = { [K in Exclude<keyof StoredSession, "key">]?: StoredSession[K] | null };

/** The fields that change. With `expect`, the whole batch is refused with `conflict` when the run is not in that state. */
export interface RunChange {
  id: string;
  patch: Partial<Omit<RunRecord, "id" | "sessionKey">>;
  expect?: RunState;
}

/** `expect`: the version that it was made from; 0 for a new job. The batch is refused with `conflict` when there is another by now. */
export interface JobChange {
  put: Job;
  expect?: number;
}

/** `expect`: the record that it was made from. The batch is refused with `conflict` when there is another by now. */
export interface SlotChange {
  put: SlotRecord;
  expect?: SlotRecord;
}

/**
 * A question to people, which goes with its run's end, or the answer to one. The first answer wins: the batch is refused
 * with `conflict` when there is one, or the question is no more.
 */
export type ApprovalChange = { ask: Approval } | { id: string; answer: ApprovalAnswer };

export interface ApprovalAnswer {
  decision: ApprovalDecision;
  by: string;
  /** What else is allowed with it. */
  rule?: Rule;
}

/** A call that was made under a key, and what it was answered: to be answered again. */
export interface IdempotencyRecord {
  key: string;
  /** Digest of the call, so that another body under the same key is a `conflict`. */
  digest: string;
  /** The worker whose call it is, as named to the queue. What it puts is refused with `conflict` when another has the call since. */
  owner?: string;
  /** Absent while the first call is under way. */
  answer?: { status: number; body: unknown };
  createdAt: string;
}

/** Makes of what a call leads to what is to be put down with it: the answers to keep under idempotency keys. */
export type Keep<Result> = (result: Result) => IdempotencyRecord[];

export interface UsageRow {
  /** "2026-11-22", UTC. */
  day: string;
  sessionKey: string;
  model: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** Dollars of the requests with a known price. */
  costUsd: number;
  /** How many of the requests had no known price. */
  unpriced: number;
}

/** What is known of a budget in its period, by the budget's key. */
export interface BudgetRecord {
  key: string;
  /** Where no other table says what was used of it. */
  usedUsd: number;
  usedTokens: number;
  /** What a person allowed beyond it. */
  raisedUsd: number;
  raisedTokens: number;
  /** Percent of it that was warned of: 0, 50 or 80. */
  warned: number;
}

/**
 * What is added to a record, which is made where there is none. `warned` is said once: the batch is refused with `conflict`
 * where as much was warned of already.
 */
export interface BudgetChange {
  key: string;
  at: string;
  used?: { usd: number; tokens: number };
  raised?: { usd: number; tokens: number };
  warned?: number;
}

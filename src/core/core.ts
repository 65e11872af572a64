import type { AppError } from "../base/appError.ts";
import type { Effort } from "../protocol/context/agentPart.ts";
import type { Approval, ApprovalDecision } from "../protocol/approval.ts";
import type { InstructionFile } from "../protocol/context/instructionFile.ts";
import type { Job, NewJob, NextFirings, SlotRecord, ToldFiring } from "../protocol/job.ts";
import type { Attachment, Origin, StoredMessage } from "../protocol/message.ts";
import type { BudgetState } from "../protocol/written/budgetState.ts";
import type { RehearsalReport } from "../protocol/written/rehearsal.ts";
import type { SessionMode } from "../protocol/session.ts";
import type { ModelInfo, ProviderInfo } from "../protocol/model.ts";
import type { RunOutcome, RunRecord, SendRequest } from "../protocol/run.ts";
import type { Agents, Prompts, Skills } from "./doors/namedTexts.ts";
import type { Moving } from "./doors/movable.ts";
import type { Plans } from "./doors/plans.ts";
import type { Checkpointing, Reports } from "./doors/pastWork.ts";
import type { JobPatch } from "../schedule/jobSchema.ts";
import type { StoredSession } from "./ports/storedSession.ts";
import type { Usage } from "../protocol/usage.ts";
import type { Rule } from "../protocol/rule.ts";
import type { Clock } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import type { Log } from "../base/log.ts";
import type { SandboxState } from "./ports/commandPolicy.ts";
import type { Batch, IdempotencyRecord, Keep, UsageRow } from "./ports/batch.ts";
import type { EventBus, Told } from "./ports/eventBus.ts";
import type { Browser } from "./ports/browserPort.ts";
import type { McpServers } from "./ports/mcpServers.ts";
import type { Retention, SettingsNow } from "./ports/settings.ts";
import type { FoundSession, RunQuery, SessionQuery, Store, TextQuery } from "./ports/store.ts";
import type { ChannelDesk } from "./ports/outside/channelDesk.ts";
import type { Worktrees } from "./ports/worktrees.ts";
import type { Worktree } from "../protocol/worktree.ts";
import type { ToolSpec } from "./ports/provider.ts";
import type { ToolEffect } from "./ports/tool.ts";

/** The agent as its doors see it: what every route, view and command calls. */
export interface Core {
  sessions: Sessions;
  subagents: Subagents;
  agents: Agents;
  skills: Skills;
  prompts: Prompts;
  worktrees: Worktrees;
  checkpoints: Checkpointing;
  plans: Plans<Run, StoredWith>;
  runs: Runs;
  approvals: Approvals;
  jobs: Jobs;
  events: Events;
  models: Models;
  usage: UsageReport;
  budgets: BudgetReport;
  /** Who is there to answer: a client that is told of approvals and may answer them comes, until it is disposed. */
  people: { come(): Disposable };
  /** Who may talk over chat networks, and what goes out to them. */
  channels: ChannelDesk;
  reports: Reports;
  moving: Moving;
  /** Answers kept for requests that ask for them. */
  responses: ResponseCache;
  /** Tools as offered to a session's model, and how to run one without a model (POST /tools/invoke, /mcp). */
  tools: ToolRunner;
  /** Absent where no browser was put in. */
  browser?: Browser;
  /** MCP servers whose tools the agent has; absent where none were put in. */
  servers?: McpServers;
  /** What keeps commands within bounds on this system, tried out once. */
  sandbox(): Promise<SandboxState>;
  workspaces: Workspaces;
  settings: SettingsNow;
  /** The configuration in force, secrets removed. */
  configuration(): Record<string, unknown>;
  /** Tells here what a process tells that works beside this one. */
  hear(told: Told): void;
  store: Store;
  clock: Clock;
  log: Log;
}

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

export interface SessionFields {
  title?: string | null;
  model?: string | null;
  effort?: Effort | null;
  pinned?: boolean;
  archived?: boolean;
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

/**
 * What is put down in the same transaction as the run it tells of: the answers to keep under idempotency keys, the slot
 * of the job that fires. When it is refused, so is the run.
 */
export type StoredWith = (
  run: Pick<Run, "id" | "sessionKey" | "worktree">,
) => Pick<Batch, "answers" | "claims" | "slots" | "jobs" | "channels">;

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

export interface Runs {
  get(id: string): Promise<RunRecord>;
  list(query: RunQuery): Promise<RunRecord[]>;
  /** The finished record, or the unfinished one when `timeoutMs` or `signal` ends the wait. */
  wait(id: string, timeoutMs: number, signal?: AbortSignal): Promise<RunRecord>;
  /** The same, for who is not to wait for a store that takes nothing: rejects with `unavailable` when the run waits for that. */
  waitOrStuck(id: string, timeoutMs: number, signal?: AbortSignal): Promise<RunRecord>;
  /** Resolves with false when it had ended already. */
  cancel(id: string): Promise<boolean>;
  /**
   * Ends these, and tells no one who waits for their results. Resolves when that is stored, with how many had not ended. Where the
   * sub-agent `waiting` waited for these alone, its own result is told.
   */
  stop(runs: RunRecord[], waiting?: { sessionKey: string; cancelled: boolean }): Promise<number>;
}

export interface Approvals {
  /** Those that wait, whichever process asks. */
  list(sessionKey?: string): Promise<Approval[]>;
  /** not_found when it was answered, has expired or never was. `by` is kept in the event: "panel", "api:ci". */
  answer(
    id: string,
    decision: ApprovalDecision,
    by: string,
    more?: { rule?: Rule; keep?: Keep<Approval> },
  ): Promise<Approval>;
  /** What was allowed for sessions, in this process. */
  allowances(): { sessionKey: string; rule: Rule }[];
  /** Takes a rule out of the user's configuration, or what was allowed for a session away. `conflict` or `not_found` where it is not there. */
  removeRule(rule: Rule, sessionKey?: string): Promise<void>;
  /** Puts a rule into the user's configuration. */
  addRule(rule: Rule): Promise<void>;
}

export interface Jobs {
  /** Checked here as at every door. bad_request for what cannot work, forbidden for more than a session that asks may do itself. */
  add(job: NewJob, origin: Origin, keep?: Keep<Job>): Promise<Job>;
  list(): Promise<Job[]>;
  /** By its id or, as everywhere here, by a name that only one job has: `conflict` where several have it. */
  get(id: string): Promise<Job>;
  /** `conflict` for a job of openclaw.yml, here and in `remove`. `origin` matters where a session asks, as in `add`. null takes a field away. */
  update(id: string, patch: JobPatch, origin?: Origin, keep?: Keep<Job>): Promise<Job>;
  /** Resolves with its id. */
  remove(id: string, keep?: Keep<string>): Promise<string>;
  /** Fires now, without moving the next slot; `conflict` while it runs. */
  run(id: string, more?: { sentBy?: SendRequest["sentBy"]; keep?: Keep<SlotRecord> }): Promise<SlotRecord>;
  /**
   * Fires because something happened, as a slot of its time does: while the job runs, or is off, the slot is recorded as
   * skipped. What `kept` makes of the slot is stored with it.
   */
  trigger(ref: string, kept?: Keep<SlotRecord>): Promise<SlotRecord>;
  /** When they fire next: `count` firings of one, or of all together. */
  next(query: { id?: string; count: number }): Promise<NextFirings>;
  /** Past firings, newest first, with what their runs took. */
  firings(query: { jobId?: string; limit: number }): Promise<ToldFiring[]>;
  /** Runs it now with a person to ask, which is no firing; `conflict` while it runs or is rehearsed. */
  rehearse(id: string, options: { deliver?: boolean }, keep?: Keep<Rehearsed>): Promise<Rehearsed>;
  /** What a rehearsal asked, and was answered: a job's newest, or that of a run. */
  rehearsal(of: { id?: string; runId?: string }): Promise<RehearsalReport>;
  /** Gives a job exactly these of what its rehearsal asked, by their numbers. `conflict` when the job is another by now. */
  takeGrants(given: { id: string; runId: string; take: number[] }, keep?: Keep<Job>): Promise<Job>;
  /** Puts a system event into the main session and runs it. */
  wake(text: string, origin: Origin, kept?: StoredWith): Promise<Run>;
  /** Puts a system event into the main session's history, for its next run to read. */
  note(text: string, origin: Origin, answers?: IdempotencyRecord[]): Promise<void>;
}

export interface Rehearsed {
  id: string;
  runId: string;
  sessionKey: string;
}

/** What every door may read of the stream. */
export type Events = Pick<EventBus, "subscribe" | "on" | "lastId">;

export interface Models {
  /** All providers' models, those that are ready first. `refresh` asks servers again that were asked a moment ago. */
  list(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<ModelInfo[]>;
  /** All providers, each with the place that its key comes from. */
  providers(): Promise<ProviderInfo[]>;
  /** The full id for "provider/name", a bare known name, or undefined for the default. bad_request when unknown. */
  resolve(id: string | undefined): Promise<string>;
}

/** The folders that sessions may work in. */
export interface Workspaces {
  /** Absolute, as their users named them, each once; the first is where a session works that names none. */
  list(): string[];
  /** Those of other windows than the one that leads. */
  offered(): string[];
  /** The listed folder that this one is, however it is spelled; undefined when it is none of them. */
  find(folder: string): string | undefined;
  /** Where tools find a folder: its real path. */
  real(folder: string): string;
  /** Adds those of another window, until disposed. */
  offer(folders: string[]): Disposable;
}

export interface BudgetReport {
  /** The ceilings of the day, and those of a session; nothing where there is none. */
  list(sessionKey?: string): Promise<BudgetState[]>;
}

export interface UsageReport {
  /** Rows of the last `days` days and their sums. */
  cost(days: number, sessionKey?: string): Promise<{ rows: UsageRow[]; total: Usage & { requests: number } }>;
}

/** What a run answered, for those who ask the same again. */
export interface CachedResponse {
  runId: string;
  sessionKey: string;
  reply: string;
  result?: unknown;
  model: string;
}

/** Answers of earlier runs, kept for scripts that ask the same again and say so. */
export interface ResponseCache {
  /**
   * The newest answer to the same request that is no older than this, or the run that will answer it: the one under way,
   * or else that which `ask` starts. A session's answers are forgotten with its history.
   */
  ask(request: SendRequest, ttlMs: number, ask: () => Promise<Run>): Promise<Asked>;
}

/** `stored` resolves when the run's end is stored, with what is stored of it; it never rejects. `isOwn`: asked by this request. */
export type Asked =
  | { found: CachedResponse }
  | { run: Run; stored: Promise<CachedResponse | undefined>; isOwn: boolean };

export interface ToolRunner {
  /** In the order the model sees them. */
  specs(session: StoredSession): ToolSpec[];
  /** What a tool does to the world; undefined when there is none of that name. */
  effect(name: string): ToolEffect | undefined;
  /** Runs one call by hand, approvals included; attributed to the session. */
  invoke(call: {
    sessionKey: string;
    name: string;
    input: unknown;
    origin: Origin;
    signal: AbortSignal;
  }): Promise<{ text: string; isError: boolean; images?: Attachment[] }>;
}

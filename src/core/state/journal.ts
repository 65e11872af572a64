import { isAppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { RunEvent, RunFact } from "../../protocol/event.ts";
import type { RunOutcome, RunRecord, RunState } from "../../protocol/run.ts";
import type { Claim, RunQueue } from "../ports/runQueue.ts";
import type { EventLog } from "./eventLog.ts";
import { totalTokens } from "../models/usageSum.ts";
import { tokenDay } from "../models/tokenDay.ts";
import type { ApprovalChange, Batch, BudgetChange, UsageRow } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Committed } from "../ports/store.ts";
import { toldSession } from "./toldSession.ts";
import { asItIs, toRun, toRunPatch, toSessionChanges } from "./reduce.ts";

/** Puts the facts of one run down, with what they change in its row and its session, all in one transaction. */
export interface Journal {
  readonly run: RunRecord;
  /** As its newest write found it; undefined before the first. */
  readonly session?: StoredSession | undefined;
  /** Of a call by hand: the folder of its session. */
  readonly workspace?: string | undefined;
  /** When its session was reset last, or else made; undefined before the first write of a run. */
  readonly since?: string | undefined;
  /** Text of the newest answer this journal has seen. */
  readonly reply: string;
  /** Absent for a call made by hand, which is no run. */
  readonly isRun?: true;
  /** Rejects with `conflict` when another worker has the session since, or when the run is not in the state expected. */
  write(facts: RunFact[], more?: WrittenWith): Promise<RunEvent[]>;
  /** Ends a run that waits in the same session by putting its message into the history. False when it has begun or ended meanwhile. */
  join(other: RunRecord): Promise<boolean>;
  /** Tells its start, which was stored when it was put down. */
  opened(committed: Committed): void;
  /** Told, not stored. */
  delta(fact: RunFact): void;
  /** Whether the run may still have effects: to be asked before each that is not a read. */
  isHeld(): boolean;
}

/** What is stored in one transaction with facts of a run, if it is in that state. */
interface WrittenWith {
  expect?: RunState;
  approvals?: ApprovalChange[];
  /** Other runs that this changes, and what ended with it. */
  also?: Pick<Batch, "runs" | "results" | "erasedAt" | "unwanted">;
}

const SHOWN = new Set<RunFact["type"]>([
  "run.queued",
  "run.started",
  "run.resumed",
  "approval.asked",
  "approval.answered",
  "message",
  "usage",
  "run.finished",
]);

export interface JournalOptions {
  events: EventLog;
  clock: Clock;
  log: Log;
  claim: Pick<Claim, "fence" | "isHeld">;
  queue: Pick<RunQueue, "worker">;
}

export type UsageFact = Extract<RunFact, { type: "usage" }>;

/** What a journal knows of its run. */
interface Known extends JournalOptions {
  run: RunRecord;
  session?: StoredSession;
  reply: string;
  /** What it has used that the store refused: goes with the next write, whichever that is. */
  unstored: UsageFact[];
  /** The newest event of its own that is stored: what it tells in between comes after it. */
  newest: number;
}

export function createJournal(run: RunRecord, options: JournalOptions): Journal {
  const { events, claim } = options;
  const known: Known = { ...options, run, reply: "", unstored: [], newest: 0 };
  const source = { runId: run.id, sessionKey: run.sessionKey };
  return {
    isRun: true,
    get run() {
      return known.run;
    },
    get session() {
      return known.session;
    },
    get since() {
      return known.session && sinceOf(known.session);
    },
    get reply() {
      return known.reply;
    },
    isHeld: () => claim.isHeld(),
    opened(committed) {
      events.committed(committed.events);
      note(known, committed);
    },
    write: (facts, more = {}) => write(known, facts, more),
    join: (other) => join(known, other),
    delta: (fact) => events.delta(source, fact, known.newest),
  };
}

async function write(known: Known, given: RunFact[], more: WrittenWith): Promise<RunEvent[]> {
  const { approvals, also, expect } = more;
  const { events, clock, claim, run: before } = known;
  // One that is written again has what it was refused with.
  const late = known.unstored.filter((fact) => !given.includes(fact));
  const facts = [...late.map(withoutContext), ...given];
  const { id, sessionKey } = before;
  const at = isoTime(clock.now());
  const current = facts.reduce((now, fact) => toRun(now, fact, at), before);
  known.run = current;
  const used = facts.filter((fact) => fact.type === "usage");
  const usage = used.map((fact) => toUsageRow(fact, current, at));
  // What a request held of budgets goes with what it has used.
  const isUsed = facts.some(({ type }) => type === "usage" || type === "run.finished");
  let written: Committed;
  try {
    written = await events.commit({
      fence: claim.fence,
      facts: [{ source: { runId: id, sessionKey }, facts }],
      ...(approvals ? { approvals } : {}),
      ...also,
      sessions: toSessionChanges(sessionKey, facts, at),
      runs: [
        ...(current === before ? [] : [{ id, patch: toRunPatch(before, current), ...defined({ expect }) }]),
        ...(also?.runs ?? []),
      ],
      ...(usage.length > 0 ? { usage, budgets: chargesOf(current, usage) } : {}),
      ...(isUsed ? { holds: [{ drop: id }] } : {}),
    });
  } catch (error) {
    known.run = before;
    const unstored = [...late, ...given.filter((fact) => fact.type === "usage")];
    // A fault would come with each write again, and the run would have no end: that is worse than one that is not counted.
    if (!isAppError(error) && unstored.length > 0) return writeUncounted(known, given, more, { unstored, error });
    known.unstored = unstored;
    if (isGivenAway(error)) await storeUsage(known, usage);
    throw error;
  }
  known.unstored = [];
  for (const fact of facts) {
    if (fact.type === "message" && fact.message.role === "assistant") known.reply = fact.message.text;
  }
  note(known, written);
  return written.events;
}

/** The same without what it has used, where that is what cannot be stored. */
async function writeUncounted(
  known: Known,
  given: RunFact[],
  more: WrittenWith,
  { unstored, error }: { unstored: UsageFact[]; error: unknown },
): Promise<RunEvent[]> {
  known.unstored = [];
  try {
    const written = await write(
      known,
      given.filter(({ type }) => type !== "usage"),
      more,
    );
    tellUncounted(known, unstored, error);
    return written;
  } catch (other) {
    known.unstored = unstored;
    throw other;
  }
}

function tellUncounted({ log, run }: Known, used: object[], error: unknown): void {
  const what = { runId: run.id, used, error: describeError(error) };
  log.error("What a run has used can never be stored, and is not counted", what);
}

/** Of a request whose answer was lost. */
export function withoutContext({ contextTokens: _lost, ...fact }: UsageFact): UsageFact {
  return fact;
}

/** Of a write that a store refused: its session has another worker since, or is gone. */
export function isGivenAway(error: unknown): boolean {
  return isAppError(error) && (error.code === "conflict" || error.code === "not_found");
}

/** Of a run that others have by now, or nobody: what it has used was used all the same. */
async function storeUsage(known: Known, usage: UsageRow[]): Promise<void> {
  if (usage.length === 0) return;
  const { events, queue, run } = known;
  const holds = [{ drop: run.id, of: queue.worker }];
  await events.commit({ usage, budgets: chargesOf(run, usage), holds }).catch((error: unknown) => {
    if (isAppError(error)) throw error;
    tellUncounted(known, usage, error);
  });
  known.unstored = [];
}

async function join(known: Known, other: RunRecord): Promise<boolean> {
  const { events, clock, claim, run } = known;
  const { id, sessionKey, model } = run;
  const at = isoTime(clock.now());
  const outcome: RunOutcome = { type: "done", reply: "", joined: id };
  const message: RunFact = { type: "message", message: other.input };
  const started: RunFact = { type: "run.started", model, origin: other.origin };
  const facts: RunFact[] = [started, message, { type: "run.finished", outcome }];
  const patch: Partial<RunRecord> = { state: "finished", startedAt: at, finishedAt: at, outcome };
  try {
    const written = await events.commit({
      fence: claim.fence,
      facts: [{ source: { runId: other.id, sessionKey }, facts }],
      sessions: toSessionChanges(sessionKey, [message], at),
      runs: [{ id: other.id, patch, expect: "queued" }],
    });
    note(known, written);
    return true;
  } catch (error) {
    // Should the session have another worker, the next write says so.
    if (isAppError(error) && error.code === "conflict") return false;
    throw error;
  }
}

/** Takes in what was written, and tells of the session where that shows. */
function note(known: Known, { events: written, sessions }: Committed): void {
  known.newest = written.at(-1)?.id ?? known.newest;
  const changed = sessions.find(({ key }) => key === known.run.sessionKey);
  if (!changed) return;
  known.session = changed;
  if (!changed.deleting && written.some(({ type }) => SHOWN.has(type)))
    known.events.tell({ type: "session.changed", session: toldSession(changed) });
}

interface LooseJournal extends Journal {
  /** Whether the call may have had an effect. */
  hasBegun(): boolean;
}

/**
 * For a call made by hand, outside of any run: its facts are stored, and change neither the session nor a run row. Of the session it is
 * told that something waits in it. Where the session plans, so does the call.
 */
export function createLooseJournal(run: RunRecord, events: EventLog, from: StoredSession): LooseJournal {
  const source = { runId: run.id, sessionKey: run.sessionKey };
  let newest = 0;
  let begun = false;
  return {
    run,
    hasBegun: () => begun,
    // What else a session's mode lets is for its runs.
    session: from.mode?.is === "plan" ? from : undefined,
    workspace: from.workspace,
    since: sinceOf(from),
    reply: "",
    isHeld: () => true,
    opened: () => {},
    async write(facts, { approvals } = {}) {
      const kept = facts
        .filter((fact) => fact.type !== "message")
        .map((fact) => (fact.type === "tool.finished" ? { ...fact, origin: run.origin } : fact));
      const written = await events.commit({
        facts: [{ source, facts: kept }],
        ...(approvals ? { approvals, sessions: [asItIs(run.sessionKey)] } : {}),
      });
      newest = written.events.at(-1)?.id ?? newest;
      begun ||= facts.some(({ type }) => type === "tool.started");
      for (const session of written.sessions)
        if (!session.deleting) events.tell({ type: "session.changed", session: toldSession(session) });
      return written.events;
    },
    join: async () => false,
    delta: (fact) => events.delta(source, fact, newest),
  };
}

function sinceOf({ resetAt, createdAt }: StoredSession): string {
  return resetAt ?? createdAt;
}

/** What the token is charged that a run came with, or other work. */
export function chargesOf({ chargedTo }: Pick<RunRecord, "chargedTo">, usage: UsageRow[]): BudgetChange[] {
  if (chargedTo === undefined) return [];
  return usage.map((row) => ({
    key: tokenDay(chargedTo, row.day),
    at: row.day,
    used: { usd: row.costUsd, tokens: totalTokens(row) },
  }));
}

/** What one request adds to the day's usage. */
export function toUsageRow(fact: UsageFact, run: Pick<RunRecord, "sessionKey" | "model">, at: string): UsageRow {
  const { costUsd, estimated: _estimated, ...tokens } = fact.usage;
  return {
    day: at.slice(0, 10),
    sessionKey: run.sessionKey,
    model: fact.model ?? run.model,
    requests: 1,
    ...tokens,
    costUsd: costUsd ?? fact.countedUsd ?? 0,
    unpriced: costUsd === null ? 1 : 0,
  };
}

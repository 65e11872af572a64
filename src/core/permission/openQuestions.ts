import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { describeError, type Log } from "../../base/log.ts";
import { onAbort } from "../../base/wait.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { ToolCall } from "../../protocol/message.ts";
import type { ApprovalAnswer, IdempotencyRecord } from "../ports/batch.ts";
import type { AskedApproval, Store } from "../ports/store.ts";
import type { ApprovalAsk, Consent } from "../ports/tool.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { Journal } from "../state/journal.ts";
import { asItIs, toSessionChanges } from "../state/reduce.ts";
import { toldSession } from "../state/toldSession.ts";

/** The questions that runs of this process wait for. They are rows: they outlive it, and are answered in any. */
export interface OpenQuestions {
  /** Resolves with the first answer; rejects with `signal.reason` when the run ends first. */
  ask(approval: Approval, request: ApprovalRequest): Promise<Said>;
  /**
   * `not_found` when it was answered, or waits no more. `keep` takes it, which rejects so, and does what it leads to beyond its
   * call, before that goes on; where it fails after, the answer is for its call alone, and rejects.
   */
  answer(
    approval: Approval,
    answer: ApprovalAnswer & { answers: IdempotencyRecord[] },
    keep: (take: () => Promise<void>) => Promise<void>,
  ): Promise<void>;
  /** Answers one of them by what was allowed beside it. Nothing when somebody was faster. */
  cover(question: Question, answer: ApprovalAnswer, verdict: Verdict): Promise<void>;
  list(): Question[];
  /** Ends what a run that is gone on with asked about a call before, and asks no more; all but the one given. */
  dropEarlier(journal: Journal, callId: string, but?: string): Promise<void>;
  /** Ends the questions of calls by hand, which ended with their process: for who leads, before it makes any. */
  dropLoose(): Promise<void>;
}

export interface ApprovalRequest {
  ask: ApprovalAsk;
  call: ToolCall;
  cwd: string;
  journal: Journal;
  signal: AbortSignal;
}

/** `reason` is for the model, when it was not allowed; `lacked` says what nobody was there to allow. */
export type Verdict =
  | { allowed: true; consent: Consent; by: string }
  | { allowed: false; reason: string; lacked?: string };

export interface Said {
  answer: ApprovalAnswer;
  /** Whether it was given in this process. */
  isFromHere: boolean;
  /** Where it was covered by the answer to another one. */
  verdict?: Verdict;
}

export interface Question {
  approval: Approval;
  request: ApprovalRequest;
  settle(said: Said): void;
}

interface Options {
  store: Store;
  events: EventLog;
  clock: Clock;
  log: Log;
  /** One of the questions was answered. */
  onAnswer(question: Question, said: Said): Promise<void>;
}

interface Parts extends Options {
  open: Map<string, Question>;
  /** Being answered here, which settles them. */
  answering: Set<string>;
}

export function createOpenQuestions(options: Options): OpenQuestions {
  const parts: Parts = { ...options, open: new Map(), answering: new Set() };
  options.events.on((event) => {
    if (event.type === "approval.answered" && !parts.answering.has(event.approvalId))
      void hear(parts, event.approvalId);
  });
  return {
    ask: (approval, request) => ask(parts, approval, request),
    answer: (approval, answer, keep) => answerBy(parts, approval, answer, keep),
    async cover({ approval }, answer, verdict) {
      await give(parts, approval, { answer, isFromHere: true, verdict }).catch(unlessFaster);
    },
    list: () => [...parts.open.values()],
    dropEarlier: (journal, callId, but) => dropEarlier(parts, journal, callId, but),
    dropLoose: () => dropLoose(parts),
  };
}

export function waitsNoMore(id: string): AppError {
  return new AppError("not_found", `No approval ${quotedLine(id)} is waiting`);
}

async function ask(parts: Parts, fresh: Approval, request: ApprovalRequest): Promise<Said> {
  const { clock, open } = parts;
  const { journal, signal } = request;
  const before = await askedBefore(parts, fresh, journal);
  const { approval } = before ?? { approval: fresh };
  await dropEarlier(parts, journal, fresh.callId, approval.id);
  const answered = Promise.withResolvers<Said>();
  const fail = (error: unknown): void => {
    if (open.delete(approval.id)) answered.reject(error);
  };
  open.set(approval.id, { approval, request, settle: answered.resolve });
  // Awaited when the question is stored; the run may have been stopped by then.
  answered.promise.catch(() => {});
  const gone = onAbort(signal, () => fail(signal.reason));
  const expiry = clock.at(Date.parse(approval.expiresAt), () => {
    const answer = { decision: "deny" as const, by: "time-out" };
    give(parts, approval, { answer, isFromHere: true }).catch((error: unknown) => {
      if (!isFaster(error)) fail(error);
    });
  });
  try {
    if (before) await showWaiting(parts, approval);
    else await journal.write([{ type: "approval.asked", approval }], { approvals: [{ ask: approval }] });
    if (before) await hear(parts, approval.id);
    return await answered.promise;
  } finally {
    open.delete(approval.id);
    expiry.dispose();
    gone.dispose();
    // A run's questions go with its end; a call by hand has none.
    if (signal.aborted && !journal.isRun) await drop(parts, approval).catch(() => {});
  }
}

/** The same question of a run that is gone on with: it waited, or was answered, while nobody worked on the run. */
async function askedBefore(
  { store, clock }: Parts,
  fresh: Approval,
  { run }: Journal,
): Promise<AskedApproval | undefined> {
  if (!run.resumes) return undefined;
  const asked = await store.listAsked(run.id);
  return asked.find(({ approval, answer }) => {
    const isOver = answer === undefined && Date.parse(approval.expiresAt) <= clock.now();
    return !isOver && shownOf(approval) === shownOf(fresh);
  });
}

async function dropEarlier(parts: Parts, { run }: Journal, callId: string, but?: string): Promise<void> {
  if (!run.resumes) return;
  for (const { approval, answer } of await parts.store.listAsked(run.id))
    if (approval.callId === callId && approval.id !== but && answer === undefined) await drop(parts, approval);
}

async function dropLoose(parts: Parts): Promise<void> {
  for (const approval of await parts.store.listApprovals({}))
    if (!(await parts.store.getRun(approval.runId))) await drop(parts, approval);
}

/** Nobody waits for it any more, and all who watch are told so. */
async function drop(parts: Parts, approval: Approval): Promise<void> {
  const answer = { decision: "deny" as const, by: "withdrawn" };
  await give(parts, approval, { answer, isFromHere: true }).catch(unlessFaster);
}

/** All that was shown: what is asked now may be another thing, under the same words of the model. */
function shownOf({ callId, hash, summary, subject, offers }: Approval): string {
  return JSON.stringify([callId, hash, summary, subject, offers]);
}

async function showWaiting({ events, clock }: Parts, { sessionKey: key }: Approval): Promise<void> {
  const patch = { state: "waiting" as const, updatedAt: isoTime(clock.now()) };
  const { sessions } = await events.commit({ sessions: [{ key, patch }] });
  for (const session of sessions) events.tell({ type: "session.changed", session: toldSession(session) });
}

async function answerBy(
  parts: Parts,
  approval: Approval,
  { answers, ...answer }: ApprovalAnswer & { answers: IdempotencyRecord[] },
  keep: (take: () => Promise<void>) => Promise<void>,
): Promise<void> {
  let isTaken = false;
  try {
    await keep(async () => {
      await take(parts, approval, answer, answers);
      isTaken = true;
    });
  } catch (error) {
    const { by } = answer;
    if (isTaken) await settle(parts, approval.id, { answer: { decision: "allow", by }, isFromHere: true });
    throw error;
  }
  await settle(parts, approval.id, { answer, isFromHere: true });
}

/** Stores an answer, if it is the first, and settles the question where it is of this process. */
async function give(parts: Parts, approval: Approval, said: Said): Promise<void> {
  await take(parts, approval, said.answer);
  await settle(parts, approval.id, said);
}

async function take(
  parts: Parts,
  approval: Approval,
  answer: ApprovalAnswer,
  answers: IdempotencyRecord[] = [],
): Promise<void> {
  const { store, events, clock, answering, open } = parts;
  const { id, sessionKey, runId, callId, tool } = approval;
  const { decision, by } = answer;
  const raise = decision === "allow" ? approval.raises : undefined;
  const raised = raise && approval.offers[0]!.words;
  const fact: RunFact = {
    type: "approval.answered",
    approvalId: id,
    callId,
    tool,
    decision,
    by,
    ...defined({ raised }),
  };
  // A call by hand is no run, and its session does not work.
  const isRun = open.get(id)?.request.journal.isRun ?? (await store.getRun(runId)) !== undefined;
  answering.add(id);
  try {
    const at = isoTime(clock.now());
    const told: RunFact[] = raised === undefined ? [] : [{ type: "run.notice", text: `${by} allowed ${raised}` }];
    const { sessions } = await events.commit({
      answers,
      approvals: [{ id, answer }],
      // With the answer or not at all, and so once, whichever process asked and lives still.
      ...(raise
        ? { budgets: [{ key: raise.record, at, raised: { usd: raise.usd ?? 0, tokens: raise.tokens ?? 0 } }] }
        : {}),
      facts: [{ source: { runId, sessionKey }, facts: [fact, ...told] }],
      sessions: isRun ? toSessionChanges(sessionKey, [fact], at) : [asItIs(sessionKey)],
    });
    for (const session of sessions)
      if (!session.deleting) events.tell({ type: "session.changed", session: toldSession(session) });
  } catch (error) {
    throw isAppError(error) && error.code === "conflict" ? waitsNoMore(id) : error;
  } finally {
    answering.delete(id);
  }
}

/** An answer was stored, perhaps by another process. */
async function hear(parts: Parts, id: string): Promise<void> {
  if (!parts.open.has(id)) return;
  try {
    const answer = (await parts.store.getApproval(id))?.answer;
    if (answer) await settle(parts, id, { answer, isFromHere: false });
  } catch (error) {
    parts.log.warn("The answer to an approval could not be read", { id, error: describeError(error) });
  }
}

async function settle({ open, onAnswer }: Parts, id: string, said: Said): Promise<void> {
  const question = open.get(id);
  if (!question) return;
  open.delete(id);
  // What is allowed with it is allowed before its run goes on.
  const followed = said.verdict ? undefined : onAnswer(question, said);
  question.settle(said);
  await followed;
}

function isFaster(error: unknown): boolean {
  return isAppError(error) && error.code === "not_found";
}

function unlessFaster(error: unknown): void {
  if (!isFaster(error)) throw error;
}

import type { Batch, Beside, SessionChange, Submit } from "../../../core/ports/batch.ts";
import type { Fence } from "../../../core/ports/fence.ts";
import type { Claim } from "../../../core/ports/runQueue.ts";
import type { Committed } from "../../../core/ports/store.ts";
import { isoTime } from "../../../base/clock.ts";
import type { RunEvent } from "../../../protocol/event.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { StoredSession } from "../../../core/ports/storedSession.ts";
import { putAnswer } from "../answersTable.ts";
import { changeApproval, endApprovals } from "../approvalsTable.ts";
import { changeBudget } from "../budgetsTable.ts";
import { changeChannel } from "../channels/changeChannel.ts";
import { leaveDone } from "./cleanups.ts";
import type { Database } from "../database.ts";
import { appendEvent, lastNumbers } from "../eventsTable.ts";
import { changeHold } from "../holdsTable.ts";
import { changeCommand } from "../queue/commandsTable.ts";
import { checkFence, endLane, hasUnfinished, takeLane } from "../queue/lanesTable.ts";
import { putJob } from "../jobsTable.ts";
import { changeRun, countTree, insertRun, isOwed, stopResults } from "../runsTable.ts";
import { changeSession, insertSession, workspaceOf } from "../sessionsTable.ts";
import { claimSlot, putSlot } from "../slotsTable.ts";
import { addUsage } from "../usageTable.ts";

export interface Written extends Committed {
  /** Runs of the batch that were taken in the same step. */
  begun: Pick<Claim, "run" | "starts" | "fence" | "opened">[];
  /** The lane that was left, where the batch held the end of its run. */
  left: Fence | undefined;
}

type WorkerFor = (run: RunRecord, workspace: () => string | undefined) => string | undefined;

/**
 * To be called in a transaction: it holds the write lock, so that numbers are given in the order commits become visible.
 * `workerFor` names who would take a run at once.
 */
export function commitBatch(db: Database, given: Batch, now: number, workerFor: WorkerFor = () => undefined): Written {
  const { fence, admission } = given;
  const ended = (given.runs ?? []).filter(({ patch }) => patch.state === "finished");
  // With a run's end its lane is left, and whether it was still this worker's is seen by the same write. One that ends
  // without having begun had no lane.
  const left = ended.some(({ expect }) => expect !== "queued") ? fence : undefined;
  if (left) endLane(db, left);
  else if (fence) checkFence(db, fence);
  if (admission) admission.check(countTree(db, admission));
  for (const tree of given.unwanted ?? []) stopResults(db, tree);
  const submits = [...(given.submits ?? []), ...owed(db, given)].map((submit, index, all) => {
    const { sessionKey } = submit.run;
    const isSecond = all.slice(0, index).some(({ run }) => run.sessionKey === sessionKey);
    return place(db, submit, isSecond, () => workerFor(submit.run, () => folderOf(db, given, sessionKey)), now);
  });
  const batch = submits.length === 0 ? given : joined(given, submits);
  // Sessions before events and runs, which refer to them; new runs before what they have become already.
  for (const slot of batch.claims ?? []) claimSlot(db, slot);
  const byKey = new Map(changeSessions(db, batch.sessions ?? []).map((session) => [session.key, session]));
  for (const submit of submits) insertRun(db, submit.run, submit.fence ? 1 : 0);
  for (const change of batch.runs ?? []) changeRun(db, change);
  const { erasedAt } = given;
  const gone = erasedAt === undefined ? [] : leaveDone(db, [...byKey.keys()], erasedAt);
  for (const session of gone) byKey.set(session.key, session);
  const sessions = [...byKey.values()];
  for (const change of batch.approvals ?? []) changeApproval(db, change, now);
  const events = appendFacts(db, batch.facts ?? [], isoTime(now));
  for (const job of batch.jobs ?? []) putJob(db, job);
  for (const slot of batch.slots ?? []) putSlot(db, slot);
  for (const row of batch.usage ?? []) addUsage(db, row);
  for (const change of batch.budgets ?? []) changeBudget(db, change);
  for (const hold of batch.holds ?? []) changeHold(db, hold, now);
  for (const change of batch.commands ?? []) changeCommand(db, change, now);
  for (const answer of batch.answers ?? []) putAnswer(db, answer);
  for (const change of batch.channels ?? []) changeChannel(db, change, now);
  for (const { id } of ended) endApprovals(db, id);
  const begun = submits.flatMap((submit) => {
    if (!submit.fence) return [];
    const opened = { events: events.filter(({ runId }) => runId === submit.run.id), sessions };
    return [{ run: submit.run, starts: 1, fence: submit.fence, opened }];
  });
  return { events, sessions, begun, left };
}

interface Placed {
  /** As it is put down: begun, where it is. */
  run: RunRecord;
  beside: Beside | undefined;
  fence?: Fence;
}

/** Where a session works that this batch may only make. */
function folderOf(db: Database, { sessions = [] }: Batch, key: string): string | undefined {
  for (const change of sessions) if ("put" in change && change.put.key === key) return change.put.workspace;
  return workspaceOf(db, key);
}

function owed(db: Database, { results = [], runs = [] }: Batch): Submit[] {
  if (results.length === 0) return [];
  const ending = runs.flatMap(({ id, patch }) => (patch.state === "finished" || patch.stopped ? [id] : []));
  return results.flatMap(({ of, submit }) => (isOwed(db, of, ending) ? [submit] : []));
}

/** Where a new run comes to stand: in its lane, which is taken for it, or before it. */
function place(
  db: Database,
  { run, begun, next, behind }: Submit,
  isSecond: boolean,
  workerFor: () => string | undefined,
  now: number,
): Placed {
  if (isSecond || hasUnfinished(db, run.sessionKey)) return { run: { ...run, ...behind?.run }, beside: behind };
  const worker = begun && workerFor();
  const fence = worker === undefined ? undefined : takeLane(db, run.sessionKey, worker, now);
  return fence
    ? { run: { ...run, ...begun?.run }, beside: begun, fence }
    : { run: { ...run, ...next?.run }, beside: next };
}

function joined(batch: Batch, submits: Placed[]): Batch {
  return {
    ...batch,
    facts: [...(batch.facts ?? []), ...submits.flatMap(({ beside }) => beside?.facts ?? [])],
    sessions: [...(batch.sessions ?? []), ...submits.flatMap(({ beside }) => beside?.sessions ?? [])],
  };
}

/** One read and one write for each session, however many changes it has. */
function changeSessions(db: Database, changes: SessionChange[]): StoredSession[] {
  const byKey = Map.groupBy(changes, (change) => ("put" in change ? change.put.key : change.key));
  return [...byKey.values()].flatMap((own) => {
    for (const change of own) if ("put" in change) insertSession(db, change.put);
    return changeSession(
      db,
      own.flatMap((change) => ("put" in change ? [] : [change])),
      "put" in own[0]! ? own[0].put.key : own[0]!.key,
    );
  });
}

function appendFacts(db: Database, given: NonNullable<Batch["facts"]>, now: string): RunEvent[] {
  const seqs = new Map<string, number>();
  let id: number | undefined;
  const events: RunEvent[] = [];
  for (const { source, facts, at = now } of given) {
    const { runId, sessionKey } = source;
    const last = seqs.has(sessionKey) ? undefined : lastNumbers(db, sessionKey);
    id ??= last!.id;
    let seq = last?.seq ?? seqs.get(sessionKey)!;
    for (const fact of facts) {
      const event: RunEvent = { ...fact, id: ++id, seq: ++seq, runId, sessionKey, at };
      appendEvent(db, event, fact);
      events.push(event);
    }
    seqs.set(sessionKey, seq);
  }
  return events;
}

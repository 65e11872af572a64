import type { Batch, Beside, SessionChange, Submit } from "../../core/ports/batch.ts";
import type { Fence } from "../../core/ports/fence.ts";
import type { Claim } from "../../core/ports/runQueue.ts";
import type { Committed } from "../../core/ports/store.ts";
import { isoTime } from "../../base/clock.ts";
import type { RunEvent } from "../../protocol/event.ts";
import type { StoredSession } from "../../core/ports/storedSession.ts";
import { putAnswer } from "./answersTable.ts";
import { changeApproval, endApprovals } from "./approvalsTable.ts";
import { lastEventId, lastSeq } from "./countersTable.ts";
import type { Database } from "./database.ts";
import { appendEvent } from "./eventsTable.ts";
import { checkFence, countStart, hasUnfinished, leaveLane, takeLane } from "./queue/lanesTable.ts";
import { putJob } from "./jobsTable.ts";
import { changeRun, countTree, insertRun, isOwed } from "./runsTable.ts";
import { changeSession, insertSession, workspaceOf } from "./sessionsTable.ts";
import { claimSlot, putSlot } from "./slotsTable.ts";
import { addUsage } from "./usageTable.ts";

export interface Written extends Committed {
  /** Runs of the batch that were taken in the same step. */
  begun: Pick<Claim, "run" | "starts" | "fence" | "opened">[];
}

type WorkerFor = (sessionKey: string, workspace: string | undefined) => string | undefined;

/**
 * To be called in a transaction: it holds the write lock, so that numbers are given in the order commits become visible.
 * `workerFor` names who would take a run of a session at once.
 */
export function commitBatch(db: Database, given: Batch, now: number, workerFor: WorkerFor = () => undefined): Written {
  if (given.fence) checkFence(db, given.fence);
  if (given.admission) given.admission.check(countTree(db, given.admission));
  const submits = [...(given.submits ?? []), ...owed(db, given)].map((submit, index, all) => {
    const isSecond = all.slice(0, index).some(({ run }) => run.sessionKey === submit.run.sessionKey);
    const worker = () => workerFor(submit.run.sessionKey, folderOf(db, given, submit.run.sessionKey));
    return { ...submit, ...place(db, submit, isSecond, worker, now) };
  });
  const batch = submits.reduce((whole, { beside }) => joined(whole, beside), given);
  // Sessions before events and runs, which refer to them; new runs before what they have become already.
  for (const slot of batch.claims ?? []) claimSlot(db, slot);
  const sessions = changeSessions(db, batch.sessions ?? []);
  for (const { run, fence } of submits) {
    insertRun(db, run);
    if (fence) countStart(db, run.id);
  }
  for (const change of batch.runs ?? []) changeRun(db, change);
  for (const change of batch.approvals ?? []) changeApproval(db, change, now);
  const events = appendFacts(db, batch.facts ?? [], isoTime(now));
  for (const job of batch.jobs ?? []) putJob(db, job);
  for (const slot of batch.slots ?? []) putSlot(db, slot);
  for (const row of batch.usage ?? []) addUsage(db, row);
  for (const answer of batch.answers ?? []) putAnswer(db, answer);
  const ended = (batch.runs ?? []).filter(({ patch }) => patch.state === "finished");
  for (const { id } of ended) endApprovals(db, id);
  // One that ends without having begun had no lane.
  if (batch.fence && ended.some(({ expect }) => expect !== "queued")) leaveLane(db, batch.fence);
  const begun = submits.flatMap(({ run: { ...run }, fence, beside }) => {
    if (!fence) return [];
    for (const { id, patch } of beside?.runs ?? []) if (id === run.id) Object.assign(run, patch);
    const opened = { events: events.filter(({ runId }) => runId === run.id), sessions };
    return [{ run, starts: 1, fence, opened }];
  });
  return { events, sessions, begun };
}

/** Where a session works that this batch may only make. */
function folderOf(db: Database, { sessions = [] }: Batch, key: string): string | undefined {
  for (const change of sessions) if ("put" in change && change.put.key === key) return change.put.workspace;
  return workspaceOf(db, key);
}

function owed(db: Database, { results = [], runs = [] }: Batch): Submit[] {
  if (results.length === 0) return [];
  const ending = runs.flatMap(({ id, patch }) => (patch.state === "finished" ? [id] : []));
  return results.flatMap(({ of, submit }) => (isOwed(db, of, ending) ? [submit] : []));
}

/** Where a new run comes to stand: in its lane, which is taken for it, or before it. */
function place(
  db: Database,
  { run, begun, next, behind }: Submit,
  isSecond: boolean,
  workerFor: () => string | undefined,
  now: number,
): { beside?: Beside; fence?: Fence } {
  if (isSecond || hasUnfinished(db, run.sessionKey)) return { beside: behind };
  const worker = begun && workerFor();
  const fence = worker === undefined ? undefined : takeLane(db, run.sessionKey, worker, now);
  return fence ? { beside: begun, fence } : { beside: next };
}

function joined(batch: Batch, { facts = [], sessions = [], runs = [] }: Beside = {}): Batch {
  return {
    ...batch,
    facts: [...(batch.facts ?? []), ...facts],
    sessions: [...(batch.sessions ?? []), ...sessions],
    runs: [...(batch.runs ?? []), ...runs],
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

function appendFacts(db: Database, given: NonNullable<Batch["facts"]>, at: string): RunEvent[] {
  if (given.length === 0) return [];
  const seqs = new Map<string, number>();
  let id = lastEventId(db);
  const events: RunEvent[] = [];
  for (const { source, facts } of given) {
    let seq = seqs.get(source.sessionKey) ?? lastSeq(db, source.sessionKey);
    for (const fact of facts) {
      id += 1;
      seq += 1;
      const event: RunEvent = { ...fact, id, seq, runId: source.runId, sessionKey: source.sessionKey, at };
      appendEvent(db, event);
      events.push(event);
    }
    seqs.set(source.sessionKey, seq);
  }
  return events;
}

import type { Batch, SessionChange } from "../../core/ports/batch.ts";
import type { Committed } from "../../core/ports/store.ts";
import { isoTime } from "../../base/clock.ts";
import type { RunEvent } from "../../protocol/event.ts";
import type { StoredSession } from "../../core/ports/storedSession.ts";
import { putAnswer } from "./answersTable.ts";
import { lastEventId, lastSeq } from "./countersTable.ts";
import type { Database } from "./database.ts";
import { appendEvent } from "./eventsTable.ts";
import { checkFence, leaveLane } from "./lanesTable.ts";
import { putJob } from "./jobsTable.ts";
import { changeRun, insertRun } from "./runsTable.ts";
import { changeSession, insertSession } from "./sessionsTable.ts";
import { claimSlot, putSlot } from "./slotsTable.ts";
import { addUsage } from "./usageTable.ts";

/** To be called in a transaction: it holds the write lock, so that numbers are given in the order commits become visible. */
export function commitBatch(db: Database, batch: Batch, now: number): Committed {
  if (batch.fence) checkFence(db, batch.fence);
  // Sessions before events and runs, which refer to them; new runs before what they have become already.
  for (const slot of batch.claims ?? []) claimSlot(db, slot);
  const sessions = changeSessions(db, batch.sessions ?? []);
  for (const run of batch.submits ?? []) insertRun(db, run);
  for (const change of batch.runs ?? []) changeRun(db, change);
  const events = appendFacts(db, batch.facts ?? [], isoTime(now));
  for (const job of batch.jobs ?? []) putJob(db, job);
  for (const slot of batch.slots ?? []) putSlot(db, slot);
  for (const row of batch.usage ?? []) addUsage(db, row);
  for (const answer of batch.answers ?? []) putAnswer(db, answer);
  const ends = batch.runs?.some(({ patch }) => patch.state === "finished");
  if (batch.fence && ends) leaveLane(db, batch.fence);
  return { events, sessions };
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

import { isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import { carriedBy, type RunRecord } from "../../protocol/run.ts";
import type { StoredWith, Run } from "../services/submittedRun.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import type { SessionChange, Submit } from "../ports/batch.ts";
import { toldSession } from "../state/toldSession.ts";
import { toRun, toRunPatch, toSessionChanges } from "../state/reduce.ts";
import type { NewRun, RunParts } from "./runParts.ts";

/** Stores the run with what changes in its session or makes it. Where it can be worked on at once, its start is stored with it. */
export async function submitRun(
  { events, clock, outcomes, tree }: RunParts,
  run: NewRun,
  session: SessionChange[],
  kept?: StoredWith,
): Promise<{ record: RunRecord } & Pick<Run, "outcome" | "end" | "stuck" | "room">> {
  const admission = run.place && tree.admission(run.place);
  const createdAt = isoTime(clock.now());
  const record = newRecord(run, createdAt);
  const expected = outcomes.expect(record);
  const stuck = outcomes.stuck(record);
  try {
    const { sessions } = await events.commit({
      ...kept?.(record),
      sessions: session,
      submits: [toSubmit(record)],
      // What goes on for a run that was counted is not counted again.
      ...(admission && run.continues === undefined ? { admission } : {}),
    });
    // Nobody here takes it: whoever does hears of it.
    for (const stored of sessions)
      if (stored.state === "queued") events.tell({ type: "session.changed", session: toldSession(stored) });
  } catch (error) {
    outcomes.forget(record);
    throw error;
  }
  return { record, ...expected, stuck, ...defined({ room: admission?.room() }) };
}

/** A run that is not stored yet. */
export function newRecord({ spawn, ...run }: NewRun, createdAt: string): RunRecord {
  const id = newId("run");
  return { ...run, ...(spawn ? { spawn: { id, ...spawn } } : {}), id, state: "queued", usage: NO_USAGE, createdAt };
}

/** The first facts of a run: its start, and its message in the history. */
export function opening(run: RunRecord): RunFact[] {
  const { model, origin, plan } = run;
  const started: RunFact = { type: "run.started", model, origin, ...defined({ plan }) };
  // What it answers is held against the history first.
  return run.answers ? [started] : [started, { type: "message", message: run.input }];
}

/** The run, and what is stored with it by where it comes to stand. */
export function toSubmit(run: RunRecord): Submit {
  const { id, sessionKey, createdAt: at } = run;
  const source = { runId: id, sessionKey };
  const facts = opening(run);
  const begun = facts.reduce((now, fact) => toRun(now, fact, at), run);
  const { input, origin, plan } = run;
  const queued: RunFact = {
    type: "run.queued",
    text: input.text,
    origin,
    ...defined({ carries: carriedBy(run), plan }),
  };
  return {
    run,
    begun: {
      facts: [{ source, facts }],
      sessions: toSessionChanges(sessionKey, facts, at),
      run: toRunPatch(run, begun),
    },
    next: { sessions: [{ key: sessionKey, patch: { updatedAt: at, state: "queued" } }] },
    behind: { facts: [{ source, facts: [queued] }], sessions: toSessionChanges(sessionKey, [queued], at) },
  };
}

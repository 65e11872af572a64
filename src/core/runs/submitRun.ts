import { isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { KeptWith, Run } from "../core.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import type { SessionChange, Submit } from "../ports/batch.ts";
import { toRun, toRunPatch, toSessionChanges } from "../state/reduce.ts";
import type { NewRun, RunParts } from "./runParts.ts";

/** Stores the run with what changes in its session or makes it. Where it can be worked on at once, its start is stored with it. */
export async function submitRun(
  { events, clock, outcomes, ceilings }: RunParts,
  run: NewRun,
  session: SessionChange[],
  kept?: KeptWith,
): Promise<{ record: RunRecord } & Pick<Run, "outcome" | "stuck">> {
  const admission = run.place && ceilings.admission(run.place);
  const createdAt = isoTime(clock.now());
  const record: RunRecord = { ...run, id: newId("run"), state: "queued", usage: NO_USAGE, createdAt };
  const outcome = outcomes.expect(record);
  const stuck = outcomes.stuck(record);
  try {
    await events.commit({
      ...kept?.(record),
      sessions: session,
      submits: [toSubmit(record)],
      ...(admission ? { admission } : {}),
    });
  } catch (error) {
    outcomes.forget(record);
    throw error;
  }
  return { record, outcome, stuck };
}

/** The first facts of a run: its start, and its message in the history. */
export function opening(run: RunRecord): RunFact[] {
  return [
    { type: "run.started", model: run.model, origin: run.origin },
    { type: "message", message: run.input },
  ];
}

function toSubmit(run: RunRecord): Submit {
  const { id, sessionKey, createdAt: at } = run;
  const source = { runId: id, sessionKey };
  const facts = opening(run);
  const begun = facts.reduce((now, fact) => toRun(now, fact, at), run);
  const queued: RunFact = { type: "run.queued", text: run.input.text, origin: run.origin };
  return {
    run,
    begun: {
      facts: [{ source, facts }],
      sessions: toSessionChanges(sessionKey, facts, at),
      runs: [{ id, patch: toRunPatch(run, begun) }],
    },
    next: { sessions: [{ key: sessionKey, patch: { updatedAt: at, state: "queued" } }] },
    behind: { facts: [{ source, facts: [queued] }], sessions: toSessionChanges(sessionKey, [queued], at) },
  };
}

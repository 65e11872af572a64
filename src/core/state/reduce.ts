import { defined } from "../../base/defined.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { SessionChange, SessionPatch } from "../ports/batch.ts";
import { addUsage } from "../../protocol/usage.ts";

/** What facts of one of its runs change in a session. */
export function toSessionChanges(key: string, facts: RunFact[], at: string): SessionChange[] {
  const patch = facts.reduce<SessionPatch>((all, fact) => ({ ...all, ...toPatch(fact, at) }), {});
  const messageCount = facts.filter((fact) => fact.type === "message").length;
  const used = facts.flatMap((fact) => (fact.type === "usage" ? [fact.usage] : []));
  const changes: SessionChange[] = [];
  if (Object.keys(patch).length > 0) changes.push({ key, patch });
  if (messageCount > 0) changes.push({ key, add: { messageCount } });
  for (const usage of used) changes.push({ key, add: { usage } });
  return changes;
}

/** No change of the session, so that it is read with what is stored beside it. */
export function asItIs(key: string): SessionChange {
  return { key, patch: {} };
}

function toPatch(fact: RunFact, at: string): SessionPatch {
  switch (fact.type) {
    case "run.queued":
    case "message":
      return { updatedAt: at };
    case "run.started":
      return { state: "running", updatedAt: at, archived: null };
    case "run.resumed":
    case "approval.answered":
      return { state: "running", updatedAt: at };
    case "approval.asked":
      return { state: "waiting", updatedAt: at };
    case "usage":
      return defined({ contextTokens: fact.contextTokens });
    case "run.finished":
      return { state: fact.outcome.type === "failed" ? "failed" : "idle", updatedAt: at };
    default:
      return {};
  }
}

/** The run after one of its facts. */
export function toRun(run: RunRecord, fact: RunFact, at: string): RunRecord {
  switch (fact.type) {
    case "run.started":
      return { ...run, state: "running", startedAt: at };
    case "run.resumed":
      // What it waited for in the process before is over, or begins anew.
      return { ...run, resumes: (run.resumes ?? 0) + 1, ...(run.waiting ? { waiting: false } : {}) };
    case "message":
      if (fact.message.role === "tool") return lacking(run, fact.message.lacked);
      return fact.message.role === "assistant" ? answeredBy(run, fact.message.model) : run;
    case "usage":
      return { ...run, usage: addUsage(run.usage, fact.usage) };
    case "run.finished":
      return { ...run, state: "finished", finishedAt: at, outcome: fact.outcome };
    default:
      return run;
  }
}

function answeredBy(run: RunRecord, model: string): RunRecord {
  if ((run.answeredBy ?? run.model) === model) return run;
  return { ...run, answeredBy: model };
}

const MOST_LACKED = 50;

function lacking(run: RunRecord, lacked: string | undefined): RunRecord {
  const known = run.lacked ?? [];
  if (lacked === undefined || known.includes(lacked) || known.length >= MOST_LACKED) return run;
  return { ...run, lacked: [...known, lacked] };
}

/** The fields in which the run differs from what it was. */
export function toRunPatch(before: RunRecord, after: RunRecord): Partial<RunRecord> {
  const keys = Object.keys(after) as (keyof RunRecord)[];
  return Object.fromEntries(keys.filter((key) => after[key] !== before[key]).map((key) => [key, after[key]]));
}

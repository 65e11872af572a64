import type { RunFact } from "../../protocol/event.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { addUsage } from "../models/usageSum.ts";

/** The session after a fact of one of its runs. */
export function toSession(session: StoredSession, fact: RunFact, at: string): StoredSession {
  switch (fact.type) {
    case "run.queued":
      return {
        ...session,
        state: session.state === "idle" || session.state === "failed" ? "queued" : session.state,
        updatedAt: at,
      };
    case "run.started":
    case "run.resumed":
    case "approval.answered":
      return { ...session, state: "running", updatedAt: at };
    case "approval.asked":
      return { ...session, state: "waiting", updatedAt: at };
    case "message":
      return { ...session, messageCount: session.messageCount + 1, updatedAt: at };
    case "usage":
      return { ...session, usage: addUsage(session.usage, fact.usage), contextTokens: fact.contextTokens };
    case "run.finished":
      return { ...session, state: fact.outcome.type === "failed" ? "failed" : "idle", updatedAt: at };
    default:
      return session;
  }
}

/** The run after one of its facts. */
export function toRun(run: RunRecord, fact: RunFact, at: string): RunRecord {
  switch (fact.type) {
    case "run.started":
      return { ...run, state: "running", startedAt: at };
    case "run.resumed":
      return { ...run, resumes: (run.resumes ?? 0) + 1 };
    case "message":
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

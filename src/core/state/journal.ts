import { type Clock, isoTime } from "../../base/clock.ts";
import type { RunEvent, RunFact } from "../../protocol/event.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { EventLog } from "./eventLog.ts";
import type { Batch, UsageRow } from "../ports/store.ts";
import { toRun, toSession } from "./reduce.ts";
import type { SessionCache } from "./sessionCache.ts";
import { toldSession } from "./toldSession.ts";

/** Puts the facts of one run down, with what they change in its row and its session, all in one transaction. */
export interface Journal {
  readonly run: RunRecord;
  /** Text of the newest answer this journal has seen. */
  readonly reply: string;
  write(facts: RunFact[], extra?: Omit<Batch, "events">): Promise<RunEvent[]>;
  /** Told, not stored. */
  delta(fact: RunFact): void;
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

export function createJournal(
  run: RunRecord,
  options: { sessionCache: SessionCache; events: EventLog; clock: Clock },
): Journal {
  const { sessionCache, events, clock } = options;
  const source = { runId: run.id, sessionKey: run.sessionKey };
  let current = run;
  let reply = "";
  return {
    get run() {
      return current;
    },
    get reply() {
      return reply;
    },
    async write(facts, extra = {}) {
      const at = isoTime(clock.now());
      const session = sessionCache.edit(run.sessionKey, (before) =>
        facts.reduce((now, fact) => toSession(now, fact, at), before),
      );
      const before = current;
      current = facts.reduce((now, fact) => toRun(now, fact, at), current);
      const usage = facts.flatMap((fact) => (fact.type === "usage" ? [toUsageRow(fact, current, at)] : []));
      let written: RunEvent[];
      try {
        written = await events.commit(source, facts, {
          ...extra,
          sessions: [...(extra.sessions ?? []), session],
          ...(current === before && !extra.runs ? {} : { runs: [current] }),
          ...(usage.length > 0 ? { usage } : {}),
        });
      } catch (error) {
        current = before;
        sessionCache.forget(run.sessionKey);
        await sessionCache.get(run.sessionKey).catch(() => {});
        throw error;
      }
      for (const fact of facts) {
        if (fact.type === "message" && fact.message.role === "assistant") reply = fact.message.text;
      }
      if (facts.some((fact) => SHOWN.has(fact.type)))
        events.tell({ type: "session.changed", session: toldSession(session) });
      return written;
    },
    delta(fact) {
      events.delta(source, fact);
    },
  };
}

/** For a call made by hand, outside of any run: its facts are stored, and change neither the session nor a run row. */
export function createLooseJournal(run: RunRecord, events: EventLog): Journal {
  const source = { runId: run.id, sessionKey: run.sessionKey };
  return {
    run,
    reply: "",
    write: (facts, extra) =>
      events.commit(
        source,
        facts
          .filter((fact) => fact.type !== "message")
          .map((fact) => (fact.type === "tool.finished" ? { ...fact, origin: run.origin } : fact)),
        extra,
      ),
    delta: (fact) => events.delta(source, fact),
  };
}

/** What one request adds to the day's usage. */
export function toUsageRow(
  fact: Extract<RunFact, { type: "usage" }>,
  run: Pick<RunRecord, "sessionKey" | "model">,
  at: string,
): UsageRow {
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

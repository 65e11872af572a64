import { type Clock, isoTime } from "../../base/clock.ts";
import type { RunEvent, RunFact } from "../../protocol/event.ts";
import type { RunRecord, RunState } from "../../protocol/run.ts";
import type { Claim } from "../ports/runQueue.ts";
import type { EventLog } from "./eventLog.ts";
import type { ApprovalChange, UsageRow } from "../ports/batch.ts";
import type { Committed } from "../ports/store.ts";
import { toldSession } from "./toldSession.ts";
import { toRun, toRunPatch, toSessionChanges } from "./reduce.ts";

/** Puts the facts of one run down, with what they change in its row and its session, all in one transaction. */
export interface Journal {
  readonly run: RunRecord;
  /** Text of the newest answer this journal has seen. */
  readonly reply: string;
  /** Absent for a call made by hand, which is no run. */
  readonly isRun?: true;
  /** Rejects with `conflict` when another worker has the session since, or when the run is not in the state expected. */
  write(facts: RunFact[], more?: WrittenWith): Promise<RunEvent[]>;
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
  options: { events: EventLog; clock: Clock; claim: Pick<Claim, "fence" | "isHeld"> },
): Journal {
  const { events, clock, claim } = options;
  const source = { runId: run.id, sessionKey: run.sessionKey };
  let current = run;
  let reply = "";
  // The newest event of its own that is stored: what it tells in between comes after it.
  let newest = 0;
  const note = ({ events: written, sessions }: Committed): void => {
    newest = written.at(-1)?.id ?? newest;
    const session = sessions.find(({ key }) => key === run.sessionKey);
    if (session && written.some(({ type }) => SHOWN.has(type)))
      events.tell({ type: "session.changed", session: toldSession(session) });
  };
  return {
    isRun: true,
    get run() {
      return current;
    },
    get reply() {
      return reply;
    },
    isHeld: () => claim.isHeld(),
    opened(committed) {
      events.committed(committed.events);
      note(committed);
    },
    async write(facts, { approvals, ...expected } = {}) {
      const at = isoTime(clock.now());
      const before = current;
      current = facts.reduce((now, fact) => toRun(now, fact, at), current);
      const usage = facts.flatMap((fact) => (fact.type === "usage" ? [toUsageRow(fact, current, at)] : []));
      const changes = toSessionChanges(run.sessionKey, facts, at);
      let written: Committed;
      try {
        written = await events.commit({
          fence: claim.fence,
          facts: [{ source, facts }],
          sessions: changes,
          ...(approvals ? { approvals } : {}),
          ...(current === before ? {} : { runs: [{ id: run.id, patch: toRunPatch(before, current), ...expected }] }),
          ...(usage.length > 0 ? { usage } : {}),
        });
      } catch (error) {
        current = before;
        throw error;
      }
      for (const fact of facts) {
        if (fact.type === "message" && fact.message.role === "assistant") reply = fact.message.text;
      }
      note(written);
      return written.events;
    },
    delta: (fact) => events.delta(source, fact, newest),
  };
}

/** For a call made by hand, outside of any run: its facts are stored, and change neither the session nor a run row. */
export function createLooseJournal(run: RunRecord, events: EventLog): Journal {
  const source = { runId: run.id, sessionKey: run.sessionKey };
  let newest = 0;
  return {
    run,
    reply: "",
    isHeld: () => true,
    opened: () => {},
    async write(facts, { approvals } = {}) {
      const kept = facts
        .filter((fact) => fact.type !== "message")
        .map((fact) => (fact.type === "tool.finished" ? { ...fact, origin: run.origin } : fact));
      const written = await events.commit({
        facts: [{ source, facts: kept }],
        ...(approvals ? { approvals } : {}),
      });
      newest = written.events.at(-1)?.id ?? newest;
      return written.events;
    },
    delta: (fact) => events.delta(source, fact, newest),
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

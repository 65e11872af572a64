import { AppError, isAppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { newId } from "../../base/id.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { Origin } from "../../protocol/message.ts";
import type { Batch } from "../ports/batch.ts";
import type { Fence } from "../ports/fence.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Compactor } from "../context/compaction.ts";
import type { CompactionWork } from "../context/summarise.ts";
import type { ModelCatalog, ModelChoice } from "../models/catalog.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import type { BudgetHolder, Budgets } from "../permission/budget.ts";
import { tokenOf } from "../permission/grantLists.ts";
import type { AllRuns } from "../runs/runs.ts";
import { untilStored } from "../runs/untilStored.ts";
import type { EventLog } from "../state/eventLog.ts";
import { chargesOf, isGivenAway, toUsageRow, type UsageFact, withoutContext } from "../state/journal.ts";
import { toSessionChanges } from "../state/reduce.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import { toldSession } from "../state/toldSession.ts";

/** Compactions by hand: in their session's lane, one at a time, held to budgets as any request is. */
export interface Compactions {
  /** `conflict` while the session is at work, and when it was stopped. */
  compact(key: string, by?: Origin): Promise<Compacted>;
  /** Ends the one of this session, without a summary. False when there is none. */
  stop(key: string, why: string): boolean;
  /** Ends all of them. */
  close(): void;
}

export interface Compacted {
  compacted: boolean;
  usedTokensBefore: number;
  usedTokensAfter: number;
  session: StoredSession;
}

export interface CompactionsOptions {
  sessionRepository: SessionRepository;
  events: EventLog;
  runs: AllRuns;
  models: ModelCatalog;
  budgets: Budgets;
  compactor: Compactor;
  clock: Clock;
  log: Log;
}

export function createCompactions(options: CompactionsOptions): Compactions {
  const { sessionRepository, runs, models, compactor } = options;
  const active = new Map<string, AbortController>();
  const closing = new AbortController();

  const compactNow = async (key: string, by: Origin, fence: Fence, signal: AbortSignal): Promise<Compacted> => {
    signal.throwIfAborted();
    const session = await sessionRepository.get(key);
    const choice = await models.choice(await models.resolve(session.model));
    const work = toWork({ ...options, closing: closing.signal, by }, fence, choice, signal);
    const { compacted, usedTokensAfter } = await compactor.compact(session, work);
    return {
      compacted,
      usedTokensBefore: session.contextTokens,
      usedTokensAfter,
      session: await sessionRepository.get(key),
    };
  };

  return {
    async compact(key, by = { via: "api" }) {
      await sessionRepository.get(key);
      const isAtWork = (await runs.unfinished(key)).length > 0;
      if (active.has(key)) throw new AppError("conflict", `Session ${key} is being compacted already`);
      if (isAtWork) throw new AppError("conflict", `Session ${key} is at work; compact it when it is idle`);
      const stop = new AbortController();
      active.set(key, stop);
      try {
        return await runs.between(key, (fence) => compactNow(key, by, fence, stop.signal));
      } catch (error) {
        throw stop.signal.aborted ? stop.signal.reason : error;
      } finally {
        active.delete(key);
      }
    },
    stop(key, why) {
      const found = active.get(key);
      found?.abort(new AppError("conflict", `The compaction of session ${key} was stopped: ${why}`));
      return found !== undefined;
    },
    close() {
      closing.abort();
      for (const stop of active.values()) stop.abort(new AppError("unavailable", "The gateway is shutting down"));
    },
  };
}

type UsedChanges = Pick<Batch, "usage" | "budgets" | "holds">;

/** What it says and uses is stored as its own, in no run. */
function toWork(
  { events, budgets, clock, log, closing, by }: CompactionsOptions & { closing: AbortSignal; by: Origin },
  fence: Fence,
  choice: ModelChoice,
  signal: AbortSignal,
): CompactionWork {
  const { sessionKey } = fence;
  const holder: BudgetHolder = {
    id: newId("compact"),
    sessionKey,
    origin: by,
    usage: NO_USAGE,
    ...defined({ chargedTo: tokenOf(by) }),
  };
  const source = { runId: holder.id, sessionKey };
  const { model } = choice;
  const put = (facts: RunFact[], used: UsedChanges, at: string) =>
    events.commit({ fence, facts: [{ source, facts }], sessions: toSessionChanges(sessionKey, facts, at), ...used });
  /** Also where what it was to be stored with is lost, and with nothing where its session is no longer ours. */
  const putUsed = async (facts: UsageFact[], used: UsedChanges, at: string) => {
    try {
      return await put(facts.map(withoutContext), used, at);
    } catch (error) {
      if (!isGivenAway(error)) throw error;
      return events.commit(used);
    }
  };
  const refused = (error: unknown) => {
    log.warn("What a summary has used could not be stored yet", { sessionKey, error: describeError(error) });
    // A fault would come each time.
    if (!isAppError(error)) throw error;
  };
  return {
    choice,
    signal,
    inRun: false,
    attended: true,
    async write(facts: RunFact[]) {
      const at = isoTime(clock.now());
      const usages = facts.filter((fact) => fact.type === "usage");
      const usage = usages.map((fact) => toUsageRow(fact, { sessionKey, model }, at));
      const used = usage.length > 0 ? { usage, budgets: chargesOf(holder, usage), holds: [{ drop: holder.id }] } : {};
      const written = await put(facts, used, at).catch((error: unknown) => {
        // It was used all the same, which nobody has to wait for.
        if (usage.length > 0)
          untilStored(() => putUsed(usages, used, at), { clock, signal: closing, refused }).catch(() => {});
        throw error;
      });
      for (const changed of written.sessions) events.tell({ type: "session.changed", session: toldSession(changed) });
      return written.events;
    },
    reserve: (request) => budgets.reserve(holder, request, choice),
    spend: (counted) => budgets.spend(holder, counted),
  };
}

import { AppError, isAppError, toErrorBody } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { describeError, type Log } from "../../base/log.ts";
import { visibleLine } from "../../base/visible.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { RunOutcome, RunRecord } from "../../protocol/run.ts";
import type { KeptWith, Run, Runs } from "../core.ts";
import type { EventLog } from "../state/eventLog.ts";
import { createJournal, type Journal } from "../state/journal.ts";
import type { SessionChange } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import { closeCalls } from "./closeCalls.ts";
import { RunStop } from "./runStop.ts";
import { NO_USAGE } from "../models/usageSum.ts";

export interface RunQueue extends Runs {
  /** Stores the run, with what changes in its session or makes it, and puts it in its session's lane. Resolves when it is durable. */
  submit(run: NewRun, session: SessionChange[], kept?: KeptWith): Promise<Run>;
  /** Does something to a session while none of its runs is under way. */
  between<T>(sessionKey: string, work: () => Promise<T>): Promise<T>;
  /** Unfinished runs of a session: the active one first, then those that wait. */
  unfinished(sessionKey: string): RunRecord[];
  cancelAll(sessionKey: string): Promise<number>;
  /** Takes up what an earlier gateway left: queued runs start, running ones go on. */
  resume(): Promise<void>;
  /** Stops working without ending any run. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

export type NewRun = Pick<
  RunRecord,
  "sessionKey" | "origin" | "input" | "model" | "timeoutMs" | "budgetUsd" | "budgetTokens" | "grants" | "attended"
>;

/** Does a run's work to its end. `journal.run.resumes` tells whether it goes on from before. */
export type Work = (journal: Journal, signal: AbortSignal) => Promise<Finished>;

/** The reply, and the last facts, which are stored in one transaction with the run's end. */
export interface Finished {
  reply: string;
  facts: RunFact[];
}

export interface RunQueueOptions {
  store: Store;
  events: EventLog;
  clock: Clock;
  log: Log;
  work: Work;
}

// A run that took its gateway down this often is not tried again.
const MAX_RESUMES = 3;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

interface Live {
  journal: Journal;
  controller: AbortController;
  outcome: PromiseWithResolvers<RunOutcome>;
  /** Resolved when the end is stored: later than the outcome, where the store fails at first. */
  ended: PromiseWithResolvers<void>;
  /** Set once run.finished is being written, so that it is written once. */
  ending: boolean;
  /** Begun by an earlier gateway. */
  takenUp: boolean;
}

export function createRunQueue(options: RunQueueOptions): RunQueue {
  const { store, clock, log } = options;
  const lanes = new Lanes();
  const live = new Map<string, Live>();
  let closed = false;

  const track = (record: RunRecord): Live => {
    const item: Live = {
      journal: createJournal(record, options),
      controller: new AbortController(),
      outcome: Promise.withResolvers(),
      ended: Promise.withResolvers(),
      ending: false,
      takenUp: record.state === "running",
    };
    live.set(record.id, item);
    return item;
  };

  const finish = async (item: Live, outcome: RunOutcome, first: RunFact[] = []): Promise<void> => {
    if (item.ending) return;
    item.ending = true;
    const { id } = item.journal.run;
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      try {
        const closed = outcome.type === "done" ? [] : await closeCalls(store, item.journal.run);
        await item.journal.write([...first, ...closed, { type: "run.finished", outcome }]);
        break;
      } catch (error) {
        log.error("The end of a run could not be stored", { runId: id, error: describeError(error) });
        // Whoever waits learns it now. The row is written when the store works again, or the run is taken up at the next start.
        item.outcome.resolve({ type: "failed", error: toErrorBody(error, id) });
        if (closed) break;
        await new Promise<void>((resolve) => clock.at(clock.now() + wait, resolve));
      }
    }
    live.delete(id);
    item.outcome.resolve(outcome);
    item.ended.resolve();
  };

  const execute = async (item: Live): Promise<void> => {
    const { journal, controller } = item;
    if (item.ending || closed) return;
    let limit: { dispose(): void } | undefined;
    try {
      if (item.takenUp && (journal.run.resumes ?? 0) >= MAX_RESUMES) {
        await finish(item, { type: "interrupted", reply: journal.reply });
        return;
      }
      if (journal.run.state === "queued") await journal.write(opening(journal.run));
      else if (item.takenUp) await journal.write([{ type: "run.resumed" }]);
      const { timeoutMs, startedAt } = journal.run;
      if (timeoutMs !== undefined) {
        limit = clock.at(Date.parse(startedAt!) + timeoutMs, () => controller.abort(new RunStop("timed_out")));
      }
      const { reply, facts } = await options.work(journal, controller.signal);
      await finish(item, { type: "done", reply }, facts);
    } catch (error) {
      const outcome = toOutcome(error, controller.signal, journal, log);
      if (outcome) await finish(item, outcome);
    } finally {
      limit?.dispose();
    }
  };

  /** Takes its place in the lane at once, and begins when it is stored. */
  const enqueue = (item: Live, stored: Promise<unknown>): Run => {
    const { id, sessionKey } = item.journal.run;
    void lanes.run(sessionKey, () =>
      stored.then(
        () => execute(item),
        () => {},
      ),
    );
    return { id, sessionKey, outcome: item.outcome.promise, cancel: () => void cancel(id) };
  };

  const cancel = async (id: string): Promise<boolean> => {
    const item = live.get(id);
    if (!item || item.ending || item.controller.signal.aborted) return false;
    const waits = item.journal.run.state === "queued";
    item.controller.abort(new RunStop("cancelled"));
    if (waits) {
      const { model, origin } = item.journal.run;
      await finish(item, { type: "cancelled", reply: "" }, [{ type: "run.started", model, origin }]);
    }
    return true;
  };

  const stored = async (id: string): Promise<RunRecord> => {
    const record = live.get(id)?.journal.run ?? (await store.getRun(id));
    if (!record) throw new AppError("not_found", `No run ${JSON.stringify(visibleLine(id, 80))} exists`);
    return record;
  };

  const unfinished = (sessionKey: string): RunRecord[] =>
    [...live.values()]
      .map((item) => item.journal.run)
      .filter((run) => run.sessionKey === sessionKey && run.state !== "finished");

  return {
    between: (sessionKey, work) => lanes.run(sessionKey, work),
    async submit(run, session, kept) {
      if (closed) throw new AppError("unavailable", "The gateway is shutting down");
      const record: RunRecord = {
        ...run,
        id: newId("run"),
        state: "queued",
        usage: NO_USAGE,
        createdAt: isoTime(clock.now()),
      };
      const waits = lanes.isBusy(run.sessionKey);
      const item = track(record);
      const facts: RunFact[] = waits
        ? [{ type: "run.queued", text: record.input.text, origin: record.origin }]
        : opening(record);
      const written = item.journal.write(facts, { ...kept?.(record), sessions: session, submits: [record] });
      const submitted = enqueue(item, written);
      try {
        await written;
      } catch (error) {
        live.delete(record.id);
        throw error;
      }
      return submitted;
    },
    unfinished,
    get: stored,
    list: (query) => store.listRuns(query),
    async wait(id, timeoutMs, signal) {
      const item = live.get(id);
      if (!item) return stored(id);
      const stop = Promise.withResolvers<void>();
      const timer = clock.at(clock.now() + timeoutMs, stop.resolve);
      const onAbort = () => stop.resolve();
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) stop.resolve();
      await Promise.race([item.ended.promise, stop.promise]);
      timer.dispose();
      signal?.removeEventListener("abort", onAbort);
      return stored(id);
    },
    cancel: async (id) => {
      await stored(id);
      return cancel(id);
    },
    async cancelAll(sessionKey) {
      const runs = unfinished(sessionKey);
      // Those that wait first, so that none starts in between.
      const cancelled = await Promise.all(runs.toReversed().map((run) => cancel(run.id)));
      await Promise.all(runs.flatMap((run) => live.get(run.id)?.outcome.promise ?? []));
      return cancelled.filter(Boolean).length;
    },
    async resume() {
      const left = (await store.listRuns({ states: ["queued", "running"], limit: 100_000 })).toReversed();
      for (const record of left.sort((a, b) => Number(a.state === "queued") - Number(b.state === "queued"))) {
        enqueue(track(record), Promise.resolve());
      }
    },
    async close() {
      closed = true;
      for (const item of live.values()) item.controller.abort(new RunStop("shutdown"));
      await lanes.idle();
    },
  };
}

/** The first facts of a run: its start, and its message in the history. */
function opening(run: RunRecord): RunFact[] {
  return [
    { type: "run.started", model: run.model, origin: run.origin },
    { type: "message", message: run.input },
  ];
}

function toOutcome(error: unknown, signal: AbortSignal, { run, reply }: Journal, log: Log): RunOutcome | undefined {
  if (signal.aborted && signal.reason instanceof RunStop) {
    const { kind } = signal.reason;
    return kind === "shutdown" ? undefined : { type: kind, reply };
  }
  if (!isAppError(error)) log.error("A run failed because of a fault", { runId: run.id, error: describeError(error) });
  return { type: "failed", error: toErrorBody(error, run.id) };
}

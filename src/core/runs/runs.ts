import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { within } from "../../base/wait.ts";
import type { RunRecord } from "../../protocol/run.ts";
import { promptOf } from "../context/prompts.ts";
import type { StoredWith, Run } from "../services/submittedRun.ts";
import type { Runs } from "../services/runService.ts";
import type { SessionChange } from "../ports/batch.ts";
import type { WorkOptions } from "../ports/runQueue.ts";
import type { Fence } from "../ports/fence.ts";
import { cancelRun, cancelRuns, storedRun } from "./cancelRun.ts";
import { resultWithout, toStop } from "./ending.ts";
import { createOutcomes } from "./outcomes.ts";
import { performRun } from "./performRun.ts";
import type { NewRun, RunParts, RunsOptions } from "./runParts.ts";
import { RunStop } from "./runStop.ts";
import { submitRun } from "./submitRun.ts";

/** What the rest of the core does with runs. */
export interface AllRuns extends Runs {
  /** Stores the run, with what changes in its session or makes it, for the session's worker. Resolves when it is durable. */
  submit(run: NewRun, session: SessionChange[], kept?: StoredWith): Promise<Run>;
  /** Does something to a session while none of its runs is under way. */
  between<T>(sessionKey: string, work: (fence: Fence) => Promise<T>): Promise<T>;
  /** Unfinished runs of a session: the active one first, then those that wait. */
  unfinished(sessionKey: string): Promise<RunRecord[]>;
  /** Resolves when all have ended; rejects with `unavailable` when that cannot be stored. */
  cancelAll(sessionKey: string): Promise<number>;
  /** Begins to work: what an earlier gateway left, then what comes. Called again it changes nothing. */
  start(own: Omit<WorkOptions, "limit" | "onStuck">): void;
  /** Whether none is at work in this process. */
  isIdle(): boolean;
  /** Stops working without ending any run. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

const MOST_WAITING = 100_000;

export function createRuns(options: RunsOptions): AllRuns {
  const { queue, store } = options;
  const closing = new AbortController();
  const parts: RunParts = {
    ...options,
    live: new Map(),
    outcomes: createOutcomes(options.events),
    closing: closing.signal,
  };
  let working: { close(): Promise<void> } | undefined;
  return {
    submit: (run, session, kept) => submit(parts, run, session, kept),
    between: (sessionKey, work) => queue.between(sessionKey, work, closing.signal),
    unfinished: (sessionKey) => unfinished(parts, sessionKey),
    get: (id) => storedRun(parts, id),
    list: (query) => store.listRuns(query),
    wait: (id, timeoutMs, signal) => waitFor(parts, id, timeoutMs, signal),
    waitOrStuck: (id, timeoutMs, signal) => waitFor(parts, id, timeoutMs, signal, Promise.withResolvers()),
    cancel: (id) => cancelRun(parts, id),
    stop: (runs, waiting) => stop(parts, runs, waiting),
    cancelAll: (sessionKey) => cancelAll(parts, sessionKey),
    start(own) {
      const onStuck = (error: unknown) => parts.outcomes.stick(error, ({ id }) => !parts.live.has(id));
      working ??= queue.work({ ...own, onStuck }, (claim) => performRun(parts, claim));
    },
    isIdle: () => parts.live.size === 0,
    async close() {
      closing.abort(new AppError("unavailable", "The gateway is shutting down"));
      const ended = working?.close();
      for (const { controller } of parts.live.values()) controller.abort(new RunStop("shutdown"));
      await ended;
      await parts.beside.close();
      parts.outcomes.close();
    },
  };
}

async function submit(parts: RunParts, run: NewRun, session: SessionChange[], kept?: StoredWith): Promise<Run> {
  if (parts.closing.aborted) throw new AppError("unavailable", "The gateway is shutting down");
  const { record, ...submitted } = await submitRun(parts, run, session, kept);
  const { id, sessionKey, input } = record;
  const prompt = promptOf(input)?.name;
  parts.beside.tell("messageReceived", record, { role: input.role, text: input.text, ...defined({ prompt }) });
  return { id, sessionKey, ...submitted, cancel: () => void cancelRun(parts, id) };
}

async function unfinished({ store }: RunParts, sessionKey: string): Promise<RunRecord[]> {
  return (await store.listRuns({ sessionKey, states: ["queued", "running"], limit: MOST_WAITING })).toReversed();
}

async function waitFor(
  parts: RunParts,
  id: string,
  timeoutMs: number,
  signal?: AbortSignal,
  stuck?: PromiseWithResolvers<never>,
): Promise<RunRecord> {
  const run = await storedRun(parts, id);
  if (run.state === "finished") return run;
  const ends = untilEnded(parts, run, stuck?.reject);
  await within(parts.clock, timeoutMs, stuck ? Promise.race([ends, stuck.promise]) : ends, signal);
  return storedRun(parts, id);
}

async function cancelAll(parts: RunParts, sessionKey: string): Promise<number> {
  const runs = await unfinished(parts, sessionKey);
  const count = await cancelRuns(parts, runs);
  await Promise.all(runs.map((run) => Promise.race([untilEnded(parts, run), untilStuck(parts, run)])));
  return count;
}

async function stop(parts: RunParts, runs: RunRecord[], waiting: Parameters<Runs["stop"]>[1]): Promise<number> {
  if (runs.length === 0) return 0;
  const results = waiting && (await resultWithout(parts, waiting));
  // Stored first: should the gateway go away, they end when they are taken up.
  await parts.events.commit({ runs: runs.map(toStop), ...defined({ results }) });
  return cancelRuns(parts, runs);
}

/** Rejects with `unavailable` when its end cannot be stored for now. */
async function untilStuck({ live }: RunParts, { id }: RunRecord): Promise<never> {
  throw await (live.get(id)?.unstored.promise ?? new Promise<never>(() => {}));
}

/** Looks after it has begun to wait, so that an end in between is not missed. One that is gone has ended, too. */
async function untilEnded(
  { outcomes, store }: RunParts,
  run: RunRecord,
  onStuck?: (error: AppError) => void,
): Promise<void> {
  const ended = outcomes.ended(run, onStuck);
  const now = await store.getRun(run.id);
  if (!now || now.state === "finished") outcomes.settle(run.id);
  await ended;
}

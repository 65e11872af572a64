import { onAbort } from "../../../base/wait.ts";
import type { Fence } from "../../../core/ports/fence.ts";
import type { RunQueue, WorkOptions } from "../../../core/ports/runQueue.ts";
import {
  type Claimed,
  drop,
  type Lanes,
  look,
  noteEnd,
  perform,
  type Perform,
  pump,
  seek,
  tried,
  type Turn,
} from "./claimRuns.ts";
import { markCancelled } from "./lanesTable.ts";
import { createWorkerLife } from "./workerLife.ts";

const LOOK_MS = 1000;

export interface RowQueue extends RunQueue {
  /**
   * Whether it would work at once on a run of the session, which works in that folder, with that model, beside those it has
   * and as many that are promised to it.
   */
  takes(sessionKey: string, workspace: () => string | undefined, model: string, promised?: number): boolean;
  /** It was taken for this worker in the step that put it down. */
  begin(claimed: Claimed): void;
  /** The end of its run was stored, and the lane left. */
  ended(fence: Fence): void;
  /** Which workers are gone: those whose sign of life has expired by then. */
  goneBy(): number;
  /** A run of the session was put down here. */
  nudge(sessionKey: string): void;
  close(): void;
}

/**
 * Runs are rows, and a session's lane is a row too: who has it, with a fence that grows each time. Several processes may
 * have a queue over one file; each looks every second, and at once for what is put down by itself.
 */
export function createRowQueue({ db, worker, log }: Pick<Lanes, "db" | "worker" | "log">): RowQueue {
  const lanes: Lanes = {
    db,
    worker,
    log,
    life: createWorkerLife(db, worker),
    held: new Map(),
    turns: new Map(),
    idle: new Set(),
    unleft: new Map(),
    limit: Infinity,
  };
  return {
    worker,
    takes: (key, workspace, model, promised = 0) => takes(lanes, key, workspace, model, promised),
    begin: (claimed) => perform(lanes, claimed),
    ended: (fence) => noteEnd(lanes, fence),
    goneBy: () => lanes.life.goneBy(),
    nudge: (key) => pump(lanes, key),
    work: (wanted, handler) => startWork(lanes, wanted, handler),
    between: (key, action, signal) => takeTurn(lanes, key, action, signal),
    cancel: async (runId) => cancel(lanes, runId),
    places: () => tried(lanes, () => lanes.life.others().map(({ name }) => name)) ?? [],
    models: () => tried(lanes, () => lanes.life.models()) ?? [],
    look: () => seek(lanes),
    close: () => close(lanes),
  };
}

function takes(
  { work, held, limit, turns, life }: Lanes,
  key: string,
  workspace: () => string | undefined,
  model: string,
  promised: number,
): boolean {
  const isFree =
    work !== undefined && held.size + promised < limit && !held.has(key) && !turns.has(key) && life.isShown();
  return isFree && life.isPlace(workspace, () => model);
}

function startWork(lanes: Lanes, wanted: WorkOptions, handler: Perform): { close(): Promise<void> } {
  lanes.work = handler;
  lanes.onStuck = wanted.onStuck;
  lanes.limit = wanted.limit ?? Infinity;
  lanes.life.setPlaces(wanted);
  start(lanes);
  look(lanes);
  return {
    async close() {
      lanes.work = undefined;
      if (lanes.held.size > 0) await new Promise<void>((resolve) => lanes.idle.add(resolve));
    },
  };
}

function takeTurn<T>(
  lanes: Lanes,
  key: string,
  action: (fence: Fence) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  start(lanes);
  return new Promise((resolve, reject) => {
    const turn: Turn = {
      begin(fence) {
        gone.dispose();
        return Promise.resolve()
          .then(() => action(fence))
          .then(resolve, reject);
      },
      fail(error) {
        gone.dispose();
        reject(error);
      },
    };
    lanes.turns.set(key, [...(lanes.turns.get(key) ?? []), turn]);
    const gone = onAbort(signal, () => {
      if (!lanes.turns.get(key)?.includes(turn)) return;
      drop(lanes, key, turn);
      reject(signal?.reason as Error);
    });
    pump(lanes, key);
  });
}

function cancel(lanes: Lanes, runId: string): boolean {
  const { db, held } = lanes;
  for (const item of held.values()) {
    if (item.runId !== runId) continue;
    item.controller.abort("cancelled");
    return true;
  }
  const marked = db.write(() => markCancelled(db, runId));
  // Its worker may be gone: who takes it now ends it.
  if (marked) pump(lanes, marked.sessionKey);
  return marked !== undefined;
}

function close(lanes: Lanes): void {
  clearInterval(lanes.timer);
  lanes.work = undefined;
  tried(lanes, () => lanes.life.end());
}

function start(lanes: Lanes): void {
  if (lanes.timer) return;
  lanes.life.renew();
  lanes.timer = setInterval(() => look(lanes), LOOK_MS).unref();
}

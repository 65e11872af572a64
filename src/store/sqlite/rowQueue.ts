import { systemClock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import { onAbort } from "../../base/wait.ts";
import type { Fence } from "../../core/ports/fence.ts";
import type { Claim, RunQueue } from "../../core/ports/runQueue.ts";
import type { Database } from "./database.ts";
import {
  claimRun,
  dropWorker,
  hasLane,
  hasUnfinished,
  isCancelled,
  isCurrent,
  leaveLane,
  listWaitingSessions,
  markCancelled,
  renewWorker,
  takeLane,
  uncountStart,
} from "./lanesTable.ts";

// A worker that shows no life for this long is gone: its sessions go to another.
const WORKER_TTL_MS = 5000;
const LOOK_MS = 1000;

interface Held {
  fence: Fence;
  controller: AbortController;
  runId?: string;
}

interface Turn {
  begin(fence: Fence): Promise<void>;
  /** Its lane cannot be taken. */
  fail(error: unknown): void;
  signal?: AbortSignal;
}

type Claimed = Pick<Claim, "run" | "starts" | "fence" | "opened">;

interface RowQueue extends RunQueue {
  worker: string;
  /** Whether it would work at once on a run of the session. */
  takes(sessionKey: string): boolean;
  /** It was taken for this worker in the step that put it down. */
  begin(claimed: Claimed): void;
  /** A run of the session was put down here. */
  nudge(sessionKey: string): void;
  close(): void;
}

/**
 * Runs are rows, and a session's lane is a row too: who has it, with a fence that grows each time. Several processes may
 * have a queue over one file; each looks every second, and at once for what is put down by itself.
 */
export function createRowQueue(options: { db: Database; worker: string; log: Log }): RowQueue {
  const { db, worker, log } = options;
  const held = new Map<string, Held>();
  const turns = new Map<string, Turn[]>();
  const idle = new Set<() => void>();
  // Lanes that could not be left yet: other workers wait for them.
  const unleft = new Map<string, Fence>();
  let work: ((claim: Claim) => Promise<void>) | undefined;
  let limit = Infinity;
  let renewedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  /** The store may be full or busy: then the next look tries again. */
  const tried = <T>(what: () => T): T | undefined => {
    try {
      return what();
    } catch (error) {
      log.warn("The runs in the store could not be looked after", { error: describeError(error) });
      return undefined;
    }
  };

  /** Shows that this worker lives. Only then may it take anything. */
  const renew = (): void => {
    const at = performance.now();
    db.write(() => renewWorker(db, worker, systemClock.now() + WORKER_TTL_MS));
    renewedAt = at;
  };

  const isAlive = (): boolean => performance.now() - renewedAt < WORKER_TTL_MS;

  const start = (): void => {
    if (timer) return;
    renew();
    timer = setInterval(look, LOOK_MS).unref();
  };

  const look = (): void => {
    if (tried(renew) === undefined && !isAlive()) return;
    for (const { fence, controller, runId } of held.values()) {
      if (!tried(() => db.read(() => isCurrent(db, fence)))) controller.abort("lost");
      else if (runId !== undefined && tried(() => db.read(() => isCancelled(db, runId)))) controller.abort("cancelled");
    }
    for (const [key, fence] of unleft) if (!held.has(key)) giveUp(key, fence);
    for (const key of turns.keys()) pump(key);
    if (work) for (const key of tried(() => db.read(() => listWaitingSessions(db))) ?? []) pump(key);
  };

  /** Gives the lane to what waits for it first: a turn between runs, then the oldest run. */
  const pump = (key: string): void => {
    if (held.has(key)) return;
    const turn = turns.get(key)?.[0];
    if (turn) {
      try {
        const fence = db.write(() => takeLane(db, key, worker, systemClock.now()));
        if (fence) take(key, fence, turn);
      } catch (error) {
        drop(key, turn);
        turn.fail(error);
      }
      return;
    }
    if (!work || held.size >= limit || !tried(() => db.read(() => hasUnfinished(db, key)))) return;
    const row = tried(() => db.write(() => claimRun(db, key, worker, systemClock.now())));
    if (row) perform(key, row);
  };

  const drop = (key: string, turn: Turn): void => {
    const waiting = (turns.get(key) ?? []).filter((other) => other !== turn);
    if (waiting.length > 0) turns.set(key, waiting);
    else turns.delete(key);
  };

  const take = (key: string, fence: Fence, turn: Turn): void => {
    drop(key, turn);
    held.set(key, { fence, controller: new AbortController() });
    void turn.begin(fence).then(() => leave(key, fence, true));
  };

  const perform = (key: string, claimed: Claimed): void => {
    const { run, fence } = claimed;
    const controller = new AbortController();
    held.set(key, { fence, controller, runId: run.id });
    const isHeld = () => {
      if (held.get(key)?.fence !== fence || controller.signal.aborted) return false;
      if (isAlive()) return true;
      // The process stood still: asks the store whether another one has it since.
      tried(renew);
      if (isAlive() && tried(() => db.read(() => isCurrent(db, fence)))) return true;
      controller.abort("lost");
      return false;
    };
    void work!({ ...claimed, isHeld, signal: controller.signal })
      .catch((error: unknown) => log.error("A run was given up", { runId: run.id, error: describeError(error) }))
      .then(() => {
        const isEnded = tried(() => db.read(() => db.get("SELECT state FROM runs WHERE id = ?", run.id)?.state));
        if (!work && isEnded !== "finished") tried(() => db.write(() => uncountStart(db, run.id)));
        // One that did not end is not begun again at once, but at the next look.
        leave(key, fence, isEnded === "finished" || isEnded === undefined);
      });
  };

  const giveUp = (key: string, fence: Fence): void => {
    unleft.set(key, fence);
    tried(() => {
      if (db.read(() => hasLane(db, fence))) db.write(() => leaveLane(db, fence));
      unleft.delete(key);
    });
  };

  const leave = (key: string, fence: Fence, goOn: boolean): void => {
    held.delete(key);
    if (goOn) pump(key);
    if (!held.has(key)) giveUp(key, fence);
    if (held.size < limit && work && limit !== Infinity) look();
    if (held.size === 0) for (const done of [...idle]) done();
  };

  return {
    worker,
    takes: (key) => work !== undefined && held.size < limit && !held.has(key) && !turns.has(key) && isAlive(),
    begin: (claimed) => perform(claimed.run.sessionKey, claimed),
    nudge: pump,
    work(wanted, handler) {
      work = handler;
      limit = wanted.limit ?? Infinity;
      start();
      look();
      return {
        async close() {
          work = undefined;
          if (held.size > 0) await new Promise<void>((resolve) => idle.add(resolve));
        },
      };
    },
    between(sessionKey, action, signal) {
      start();
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
        turns.set(sessionKey, [...(turns.get(sessionKey) ?? []), turn]);
        const gone = onAbort(signal, () => {
          if (!turns.get(sessionKey)?.includes(turn)) return;
          drop(sessionKey, turn);
          reject(signal?.reason as Error);
        });
        pump(sessionKey);
      });
    },
    async cancel(runId) {
      for (const item of held.values()) {
        if (item.runId !== runId) continue;
        item.controller.abort("cancelled");
        return true;
      }
      return db.write(() => markCancelled(db, runId, systemClock.now()));
    },
    close() {
      clearInterval(timer);
      work = undefined;
      tried(() => db.write(() => dropWorker(db, worker)));
    },
  };
}

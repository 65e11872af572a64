import { systemClock } from "../../base/clock.ts";
import type { Database } from "./database.ts";
import { dropWorker, renewWorker } from "./lanesTable.ts";

// A worker that shows no life for this long is gone: its sessions go to another.
const WORKER_TTL_MS = 5000;

/** A worker's sign of life in the store: only while it lives may it take anything. */
export interface WorkerLife {
  renew(): void;
  /** By this process's own steady clock, so that a pause is noticed. */
  isShown(): boolean;
  /** Its lanes are free at once. */
  end(): void;
}

export function createWorkerLife(db: Database, worker: string): WorkerLife {
  let renewedAt = -Infinity;
  return {
    renew() {
      const at = performance.now();
      db.write(() => renewWorker(db, worker, systemClock.now() + WORKER_TTL_MS));
      renewedAt = at;
    },
    isShown: () => performance.now() - renewedAt < WORKER_TTL_MS,
    end: () => db.write(() => dropWorker(db, worker)),
  };
}

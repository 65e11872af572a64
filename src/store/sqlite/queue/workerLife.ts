import { systemClock } from "../../../base/clock.ts";
import { placeOf } from "../../../base/files/diskPath.ts";
import { pidSpace } from "../../../base/pidSpace.ts";
import type { WorkOptions } from "../../../core/ports/runQueue.ts";
import type { Database } from "../database.ts";
import { dropWorker, listGone, listPlaces, type Place, renewWorker } from "./workersTable.ts";

// A worker that shows no life for this long is gone: its sessions go to another.
const WORKER_TTL_MS = 5000;
// One renewal each second: who is this late may be dead, which its process tells.
const LATE_MS = 2000;

type OwnPlaces = Pick<WorkOptions, "places" | "editor" | "home" | "rest">;

/** A worker's sign of life in the store: only while it lives may it take anything. */
export interface WorkerLife {
  renew(): void;
  /** By this process's own steady clock, so that a pause is noticed. */
  isShown(): boolean;
  /** Whether runs in that folder are its to take: its own, or nobody's. The folder is asked for where it matters. */
  isPlace(folder: () => string | undefined): boolean;
  /** From here on it has these places. */
  setPlaces(options: OwnPlaces): void;
  /** Those of the others. */
  others(): Place[];
  /** Drops workers whose processes are gone. */
  reap(): void;
  /** Its lanes are free at once. */
  end(): void;
}

export function createWorkerLife(db: Database, worker: string): WorkerLife {
  let renewedAt = -Infinity;
  let options: OwnPlaces = {};
  const space = pidSpace();
  const places = (): Place[] =>
    (options.places?.() ?? []).map((name) => ({ name, path: placeOf(name), editor: options.editor ?? false }));
  return {
    renew() {
      const at = performance.now();
      const expiresAt = systemClock.now() + WORKER_TTL_MS;
      db.write(() => renewWorker(db, { nonce: worker, expiresAt, places: places(), pidSpace: space }));
      renewedAt = at;
    },
    isShown: () => performance.now() - renewedAt < WORKER_TTL_MS,
    isPlace(folder) {
      const takesRest = options.rest?.() ?? true;
      const others = listPlaces(db, worker, systemClock.now());
      if (takesRest && others.length === 0) return true;
      const workspace = folder();
      if (workspace === undefined) return takesRest;
      const place = placeOf(options.home?.(workspace) ?? workspace);
      const same = others.filter(({ path }) => path === place);
      if (places().some(({ path }) => path === place))
        return options.editor === true || !same.some(({ editor }) => editor);
      return takesRest && same.length === 0;
    },
    setPlaces: (given) => void (options = given),
    others: () => db.read(() => listPlaces(db, worker, systemClock.now())),
    reap() {
      const gone = db.read(() => listGone(db, space, systemClock.now() + WORKER_TTL_MS - LATE_MS));
      if (gone.length > 0) db.write(() => gone.forEach((nonce) => dropWorker(db, nonce)));
    },
    end: () => db.write(() => dropWorker(db, worker)),
  };
}

import { systemClock } from "../../../base/clock.ts";
import { placeOf } from "../../../base/files/diskPath.ts";
import { pidSpace } from "../../../base/pidSpace.ts";
import type { WorkOptions } from "../../../core/ports/runQueue.ts";
import type { Database } from "../database.ts";
import {
  dropWorker,
  listGone,
  listModels,
  listPlaces,
  type OwnModels,
  type Place,
  renewWorker,
} from "./workersTable.ts";

// A worker that shows no life for this long is gone: its sessions go to another.
const WORKER_TTL_MS = 5000;
// One renewal each second: who is this late may be dead, which its process tells.
const LATE_MS = 2000;

type OwnPlaces = Omit<WorkOptions, "limit" | "onStuck">;

/** A worker's sign of life in the store: only while it lives may it take anything. */
export interface WorkerLife {
  renew(): void;
  /** By this process's own steady clock, so that a pause is noticed. */
  isShown(): boolean;
  /**
   * Who has expired by then is gone. A machine that slept, and a process that stood still, find all others late as well: for a
   * moment what they showed before counts, so that nobody's work is taken from under them.
   */
  goneBy(): number;
  /** Whether runs in that folder, of that model, are its to take: its own, or nobody's. They are asked for where it matters. */
  isPlace(folder: () => string | undefined, model: () => string | undefined): boolean;
  /** From here on it has these places. */
  setPlaces(options: OwnPlaces): void;
  /** Those of the others. */
  others(): Place[];
  /** The models of the others. */
  models(): OwnModels[];
  /** Drops workers whose processes are gone. */
  reap(): void;
  /** Its lanes are free at once. */
  end(): void;
}

export function createWorkerLife(db: Database, worker: string): WorkerLife {
  let renewedAt = -Infinity;
  let shownAt = -Infinity;
  let pause = { ms: 0, isOverAt: -Infinity };
  let options: OwnPlaces = {};
  const space = pidSpace();
  const places = (): Place[] =>
    (options.places?.() ?? []).map((name) => ({ name, path: placeOf(name), editor: options.editor ?? false }));
  const own = (): OwnModels | undefined => {
    const models = options.models?.() ?? [];
    return models.length === 0 ? undefined : { owner: options.owner ?? "", models, rest: options.rest?.() ?? true };
  };
  /** In nobody's folder: who has its model takes it, where not everyone has it. */
  const isRest = (model: () => string | undefined, takesRest: boolean, others: OwnModels[]): boolean => {
    const mine = own();
    if (!mine && others.length === 0) return takesRest;
    const wanted = model();
    const has = (one: OwnModels | undefined) => one?.models.some(({ id }) => id === wanted) ?? false;
    if (has(mine)) return takesRest || !others.some((other) => other.rest && has(other));
    return takesRest && !others.some(has);
  };
  const goneBy = (): number => {
    const now = systemClock.now();
    const lateMs = now - shownAt;
    if (lateMs > LATE_MS && lateMs < Infinity) return shownAt;
    return performance.now() < pause.isOverAt ? now - pause.ms : now;
  };
  return {
    renew() {
      const at = performance.now();
      const now = systemClock.now();
      const expiresAt = now + WORKER_TTL_MS;
      db.write(() => renewWorker(db, { nonce: worker, expiresAt, places: places(), models: own(), pidSpace: space }));
      if (now - shownAt > LATE_MS && shownAt > -Infinity) pause = { ms: now - shownAt, isOverAt: at + LATE_MS };
      [renewedAt, shownAt] = [at, now];
    },
    isShown: () => performance.now() - renewedAt < WORKER_TTL_MS,
    goneBy,
    isPlace(folder, model) {
      const takesRest = options.rest?.() ?? true;
      const now = goneBy();
      const others = listPlaces(db, worker, now);
      const models = listModels(db, worker, now);
      if (takesRest && others.length === 0 && models.length === 0) return true;
      const workspace = folder();
      if (workspace === undefined) return isRest(model, takesRest, models);
      const place = placeOf(options.home?.(workspace) ?? workspace);
      const same = others.filter(({ path }) => path === place);
      if (places().some(({ path }) => path === place))
        return options.editor === true || !same.some(({ editor }) => editor);
      return same.length === 0 && isRest(model, takesRest, models);
    },
    setPlaces: (given) => void (options = given),
    others: () => db.read(() => listPlaces(db, worker, goneBy())),
    models: () => db.read(() => listModels(db, worker, goneBy())),
    reap() {
      const gone = db.read(() => listGone(db, space, systemClock.now() + WORKER_TTL_MS - LATE_MS));
      if (gone.length > 0) db.write(() => gone.forEach((nonce) => dropWorker(db, nonce)));
    },
    end: () => db.write(() => dropWorker(db, worker)),
  };
}

import { describeError, type Log } from "../../../base/log.ts";
import type { Fence } from "../../../core/ports/fence.ts";
import type { Claim } from "../../../core/ports/runQueue.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { Database } from "../database.ts";
import { isBusy } from "../failure.ts";
import {
  claimRun,
  hasLane,
  hasUnfinished,
  isCancelled,
  isCurrent,
  leaveLane,
  listWaitingSessions,
  nextModel,
  takeLane,
  uncountStart,
} from "./lanesTable.ts";
import { workspaceOf } from "../sessionsTable.ts";
import type { WorkerLife } from "./workerLife.ts";

export interface Claimed extends Pick<Claim, "run" | "starts" | "fence" | "opened"> {
  isCancelled?: boolean;
}

/** Works on a claimed run, until it is done with it. */
export type Perform = (claim: Claim) => Promise<void>;

/** One worker, and what it has. */
export interface Lanes {
  db: Database;
  worker: string;
  log: Log;
  life: WorkerLife;
  /** Sessions whose lane this worker has. */
  held: Map<string, Held>;
  turns: Map<string, Turn[]>;
  /** Told when nothing is held any more. */
  idle: Set<() => void>;
  /** Lanes that could not be left yet: other workers wait for them. */
  unleft: Map<string, Fence>;
  /** Absent while it takes no runs. */
  work?: Perform | undefined;
  /** Told of a store that can not be written to, but for one that is only busy. */
  onStuck?: ((error: unknown) => void) | undefined;
  limit: number;
  timer?: NodeJS.Timeout;
}

interface Held {
  fence: Fence;
  controller: AbortController;
  runId?: string;
  /** Its run's end was stored here, and the lane left with it. */
  isOver?: boolean;
}

/** What is done to a session between its runs. */
export interface Turn {
  begin(fence: Fence): Promise<void>;
  /** Its lane cannot be taken. */
  fail(error: unknown): void;
}

/** Looks after what this worker has, and for what there is to take. */
export function look(lanes: Lanes): void {
  const { life } = lanes;
  tried(lanes, () => life.renew());
  if (!life.isShown()) return;
  tried(lanes, () => life.reap());
  seek(lanes);
}

/** The same, without a sign of life, which is a write: others may have put something down. */
export function seek(lanes: Lanes): void {
  const { db, life, held, unleft, turns } = lanes;
  if (!life.isShown()) return;
  for (const { fence, controller, runId } of held.values()) {
    if (!tried(lanes, () => db.read(() => isCurrent(db, fence)))) controller.abort("lost");
    else if (runId !== undefined && tried(lanes, () => db.read(() => isCancelled(db, runId))))
      controller.abort("cancelled");
  }
  for (const [key, fence] of unleft) if (!held.has(key)) giveUp(lanes, key, fence);
  for (const key of turns.keys()) pump(lanes, key);
  if (lanes.work) for (const key of tried(lanes, () => db.read(() => listWaitingSessions(db))) ?? []) pump(lanes, key);
}

/** Gives the lane to what waits for it first: a turn between runs, then the oldest run. */
export function pump(lanes: Lanes, key: string): void {
  const { db, worker, held, life } = lanes;
  if (held.has(key)) return;
  const turn = lanes.turns.get(key)?.[0];
  if (turn) {
    try {
      const fence = db.write(() => takeLane(db, key, worker, life.goneBy()));
      if (fence) take(lanes, key, fence, turn);
    } catch (error) {
      drop(lanes, key, turn);
      turn.fail(error);
    }
    return;
  }
  if (!lanes.work || held.size >= lanes.limit) return;
  const isOurs = () =>
    hasUnfinished(db, key) &&
    life.isPlace(
      () => workspaceOf(db, key),
      () => nextModel(db, key),
    );
  if (!tried(lanes, () => db.read(isOurs))) return;
  const row = tried(lanes, () => db.write(() => claimRun(db, key, worker, life.goneBy())));
  if (row) perform(lanes, row);
}

export function drop({ turns }: Lanes, key: string, turn: Turn): void {
  const waiting = (turns.get(key) ?? []).filter((other) => other !== turn);
  if (waiting.length > 0) turns.set(key, waiting);
  else turns.delete(key);
}

function take(lanes: Lanes, key: string, fence: Fence, turn: Turn): void {
  drop(lanes, key, turn);
  lanes.held.set(key, { fence, controller: new AbortController() });
  void turn.begin(fence).then(() => leave(lanes, key, fence, true));
}

export function perform(lanes: Lanes, claimed: Claimed): void {
  const { log, held } = lanes;
  const { isCancelled: wasCancelled, ...given } = claimed;
  const { run, fence } = given;
  const key = run.sessionKey;
  const controller = new AbortController();
  held.set(key, { fence, controller, runId: run.id });
  if (wasCancelled) controller.abort("cancelled");
  void lanes.work!({ ...given, isHeld: () => isHeld(lanes, key, fence, controller), signal: controller.signal })
    .catch((error: unknown) => log.error("A run was given up", { runId: run.id, error: describeError(error) }))
    .then(() => leaveRun(lanes, run, fence));
}

export function noteEnd({ held }: Lanes, { sessionKey, value }: Fence): void {
  const item = held.get(sessionKey);
  if (item?.fence.value === value) item.isOver = true;
}

/** Its work is over. A run that did not end is not begun again at once, but at the next look. */
function leaveRun(lanes: Lanes, { id, sessionKey }: RunRecord, fence: Fence): void {
  const { db } = lanes;
  if (lanes.held.get(sessionKey)?.isOver) return leave(lanes, sessionKey, fence, true);
  const state = tried(lanes, () => db.read(() => db.get("SELECT state FROM runs WHERE id = ?", id)?.state));
  if (!lanes.work && state !== "finished") tried(lanes, () => db.write(() => uncountStart(db, id)));
  leave(lanes, sessionKey, fence, state === "finished" || state === undefined);
}

function isHeld(lanes: Lanes, key: string, fence: Fence, controller: AbortController): boolean {
  const { db, life } = lanes;
  if (lanes.held.get(key)?.fence !== fence || controller.signal.aborted) return false;
  if (life.isShown()) return true;
  // The process stood still: asks the store whether another one has it since.
  tried(lanes, () => life.renew());
  if (life.isShown() && tried(lanes, () => db.read(() => isCurrent(db, fence)))) return true;
  controller.abort("lost");
  return false;
}

function leave(lanes: Lanes, key: string, fence: Fence, goOn: boolean): void {
  const { held, limit } = lanes;
  const isLeft = held.get(key)?.isOver ?? false;
  held.delete(key);
  if (goOn) pump(lanes, key);
  if (!isLeft && !held.has(key)) giveUp(lanes, key, fence);
  if (held.size < limit && lanes.work && limit !== Infinity) look(lanes);
  if (held.size === 0) for (const done of [...lanes.idle]) done();
}

function giveUp(lanes: Lanes, key: string, fence: Fence): void {
  const { db, unleft } = lanes;
  unleft.set(key, fence);
  tried(lanes, () => {
    if (db.read(() => hasLane(db, fence))) db.write(() => leaveLane(db, fence));
    unleft.delete(key);
  });
}

/** The store may be full or busy: then the next look tries again. */
export function tried<T>({ log, onStuck }: Lanes, what: () => T): T | undefined {
  try {
    return what();
  } catch (error) {
    log.warn("The runs in the store could not be looked after", { error: describeError(error) });
    if (!isBusy(error) && !(error instanceof Error && isBusy(error.cause))) onStuck?.(error);
    return undefined;
  }
}

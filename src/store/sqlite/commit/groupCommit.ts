import type { Clock } from "../../../base/clock.ts";
import { defined } from "../../../base/defined.ts";
import type { Batch } from "../../../core/ports/batch.ts";
import type { Committed } from "../../../core/ports/store.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import { commitBatch, type Written } from "./commitBatch.ts";
import type { Database } from "../database.ts";
import type { RowQueue } from "../queue/rowQueue.ts";

/**
 * Commits that come together become one transaction: what they share of its pages is written once. One that comes alone is stored
 * before `commit` returns; after a round of the event loop with several, those of the next are stored at its end. Each is all
 * or nothing by itself, they keep their order, and none resolves before it is stored.
 */
export interface GroupCommit {
  commit(batch: Batch): Promise<Committed>;
  /** Stores what waits. */
  flush(): void;
}

interface Waiting {
  batch: Batch;
  resolve(committed: Committed): void;
  reject(error: unknown): void;
}

/** What was written of a batch, and who takes its runs, by their sessions. */
type Done = Written & { takers: Map<string, RowQueue> };

export interface GroupCommitParts {
  db: Database;
  clock: Clock;
  queues: ReadonlySet<RowQueue>;
  /** Told of each, in order, right after it was stored. */
  onStored(committed: Committed): void;
}

export function createGroupCommit(parts: GroupCommitParts): GroupCommit {
  const waiting: Waiting[] = [];
  let round: NodeJS.Immediate | undefined;
  let count = 0;
  let isBusy = false;
  const flush = () => store(parts, waiting.splice(0));
  const endRound = () => {
    round = undefined;
    isBusy = count > 1;
    count = 0;
    flush();
  };
  return {
    flush,
    commit: (batch) =>
      new Promise((resolve, reject) => {
        count++;
        round ??= setImmediate(endRound);
        waiting.push({ batch, resolve, reject });
        if (!isBusy) flush();
      }),
  };
}

/** One that cannot be stored is told so, and the others are stored without it. */
function store(parts: GroupCommitParts, waiting: Waiting[]): void {
  for (let left = waiting; left.length > 0;) {
    const written = writeAll(parts, left);
    if ("done" in written) return left.forEach((one, index) => tellStored(parts, one, written.done[index]!));
    const { error, blame } = written;
    // Without one that is to blame it is the transaction, which would fail for each of them.
    for (const one of blame ? [blame] : left) one.reject(error);
    left = blame ? left.filter((one) => one !== blame) : [];
  }
}

function writeAll(parts: GroupCommitParts, all: Waiting[]): { done: Done[] } | { error: unknown; blame?: Waiting } {
  let blame: Waiting | undefined;
  try {
    const done = parts.db.write(() => {
      const promised = new Map<RowQueue, number>();
      const written = all.map((one) => {
        blame = one;
        return writeOne(parts, one.batch, promised);
      });
      blame = undefined;
      return written;
    });
    return { done };
  } catch (error) {
    return { error, ...defined({ blame }) };
  }
}

function writeOne({ db, clock, queues }: GroupCommitParts, batch: Batch, promised: Map<RowQueue, number>): Done {
  const takers = new Map<string, RowQueue>();
  const workerFor = ({ sessionKey, model }: RunRecord, workspace: () => string | undefined) => {
    const taker = [...queues].find((queue) => queue.takes(sessionKey, workspace, model, promised.get(queue)));
    if (!taker) return undefined;
    takers.set(sessionKey, taker);
    promised.set(taker, (promised.get(taker) ?? 0) + 1);
    return taker.worker;
  };
  return { ...commitBatch(db, batch, clock.now(), workerFor), takers };
}

function tellStored(parts: GroupCommitParts, { batch, resolve, reject }: Waiting, done: Done): void {
  try {
    resolve(goOn(parts, batch, done));
  } catch (error) {
    // The others are told all the same.
    reject(error);
  }
}

/** What follows in this process from a batch that is stored. */
function goOn({ queues, onStored }: GroupCommitParts, batch: Batch, done: Done): Committed {
  const { begun, left, takers, ...committed } = done;
  if (left) for (const queue of queues) queue.ended(left);
  for (const claimed of begun) takers.get(claimed.run.sessionKey)!.begin(claimed);
  const submits = [...(batch.submits ?? []), ...(batch.results ?? []).map(({ submit }) => submit)];
  for (const { run } of submits) for (const queue of queues) queue.nudge(run.sessionKey);
  onStored(committed);
  return committed;
}

import type { Clock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { Store } from "../ports/store.ts";
import { untilStored } from "./untilStored.ts";
import type { WaitGraph } from "./waitGraph.ts";

/** Does something for which the run waits on these sessions; undefined when that would never end, and nothing is done. */
export type SessionWait = <T>(sessionKeys: string[], work: () => Promise<T>) => Promise<T | undefined>;

export interface SessionWaitParts {
  store: Store;
  waits: WaitGraph;
  clock: Clock;
  log: Log;
}

/**
 * While a run waits for others it does not count among those at work in its tree, so that they have room. What the store
 * refuses for a moment takes no result away: that is tried again until `signal`, the run's, aborts.
 */
export function createSessionWait(
  run: RunRecord,
  signal: AbortSignal,
  { store, waits, clock, log }: SessionWaitParts,
): SessionWait {
  let count = 0;
  const refused = (error: unknown) =>
    log.warn("Whether a run waits could not be stored yet", { runId: run.id, error: describeError(error) });
  const stored = <T>(work: () => Promise<T>) => untilStored(work, { clock, signal, refused });
  // One that is not counted need not be marked. What is tried again says how it is by then.
  const mark = async () => {
    if (run.place) await stored(() => store.commit({ runs: [{ id: run.id, patch: { waiting: count > 0 } }] }));
  };
  return async (sessionKeys, work) => {
    const end = await stored(() => waits.begin(run.sessionKey, sessionKeys));
    if (!end) return undefined;
    count += 1;
    try {
      if (count === 1) await mark();
      return await work();
    } finally {
      count -= 1;
      await end();
      if (count === 0) await mark();
    }
  };
}

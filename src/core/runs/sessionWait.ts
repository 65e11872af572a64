import type { RunRecord } from "../../protocol/run.ts";
import type { Store } from "../ports/store.ts";
import type { WaitGraph } from "./waitGraph.ts";

/** Does something for which the run waits on these sessions; undefined when that would never end, and nothing is done. */
export type SessionWait = <T>(sessionKeys: string[], work: () => Promise<T>) => Promise<T | undefined>;

/** While a run waits for others it does not count among those at work in its tree, so that they have room. */
export function createSessionWait(run: RunRecord, { store, waits }: { store: Store; waits: WaitGraph }): SessionWait {
  let count = 0;
  // One that is not counted need not be marked.
  const mark = async (waiting: boolean) => {
    if (run.place) await store.commit({ runs: [{ id: run.id, patch: { waiting } }] });
  };
  return async (sessionKeys, work) => {
    const end = await waits.begin(run.sessionKey, sessionKeys);
    if (!end) return undefined;
    count += 1;
    try {
      if (count === 1) await mark(true);
      return await work();
    } finally {
      count -= 1;
      await end();
      if (count === 0) await mark(false);
    }
  };
}

import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Core } from "../../core/core.ts";

// The start of a window is over by then.
const FIRST_MS = 60_000;
const BETWEEN_STEPS_MS = 10_000;
const REST_MS = 3_600_000;

/**
 * Takes care of what is kept while this process leads: what `retention` lets go, old checkpoints, and then step by step what
 * the store does itself. Never before the start is over.
 */
export function careForStore({ core, clock, log }: { core: Core; clock: Clock; log: Log }): Disposable {
  const stop = new AbortController();
  let timer: Disposable;
  const later = (ms: number, work: () => Promise<number>): void => {
    timer = clock.at(clock.now() + ms, () => {
      const next = work().catch((error: unknown) => {
        if (!stop.signal.aborted) log.warn("The store could not be taken care of", { error: describeError(error) });
        return REST_MS;
      });
      void next.then((wait) => {
        if (!stop.signal.aborted) later(wait, wait === REST_MS ? prune : step);
      });
    });
  };
  const prune = async (): Promise<number> => {
    const { sessions } = await core.sessions.prune({ dryRun: false });
    if (sessions.length > 0) log.info("Sessions were removed that nobody used", { count: sessions.length });
    await core.checkpoints.prune();
    return BETWEEN_STEPS_MS;
  };
  const step = async (): Promise<number> => ((await core.store.tend(stop.signal)) ? BETWEEN_STEPS_MS : REST_MS);
  later(FIRST_MS, prune);
  return {
    dispose() {
      stop.abort();
      timer.dispose();
    },
  };
}

import type { Clock } from "../../../base/clock.ts";
import { type Disposable, toDisposable } from "../../../base/disposable.ts";

// Clients give up after 60 s of silence by default.
const EVERY_MS = 15_000;

/** Calls `tell` with the seconds that have passed, now and then, until it is disposed of. */
export function tellProgress(clock: Clock, tell: (seconds: number) => Promise<void>): Disposable {
  const startedAt = clock.steady();
  let timer: Disposable;
  const wait = () => {
    timer = clock.at(clock.now() + EVERY_MS, () => {
      // A client that is gone learns nothing more.
      tell(Math.round((clock.steady() - startedAt) / 1000)).then(wait, () => {});
    });
  };
  wait();
  return toDisposable(() => timer.dispose());
}

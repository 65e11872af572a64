import { isAppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { sleep } from "../../base/wait.ts";

export interface Storing {
  clock: Clock;
  /** Ends the trying. */
  signal: AbortSignal;
  /** Told of each refusal. */
  refused(error: unknown): void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 3000;

/** Tries again what the store refuses. Undefined where its session was deleted or has another worker, or the trying was ended. */
export async function untilStored<T>(
  work: () => Promise<T>,
  { clock, signal, refused }: Storing,
): Promise<T | undefined> {
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      if (isAppError(error) && (error.code === "conflict" || error.code === "not_found")) return undefined;
      refused(error);
      await sleep(clock, wait, signal).catch(() => {});
      if (signal.aborted) return undefined;
    }
  }
}

import type { Clock } from "../../base/clock.ts";

/** What the promise resolves with, or undefined when the time or the signal ends the wait first. */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  if (timeoutMs <= 0 || signal.aborted) return undefined;
  const over = Promise.withResolvers<undefined>();
  const limit = clock.at(clock.now() + timeoutMs, () => over.resolve(undefined));
  const onAbort = () => over.resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    limit.dispose();
    signal.removeEventListener("abort", onAbort);
  }
}

import type { Clock } from "./clock.ts";
import { type Disposable, toDisposable } from "./disposable.ts";

/** What a timer of Node.js takes; a longer one ends at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls once when the signal aborts, at once when it has. Disposing lets go of the signal. */
export function onAbort(signal: AbortSignal | undefined, fn: () => void): Disposable {
  if (signal?.aborted) fn();
  if (!signal || signal.aborted) return toDisposable(() => {});
  const listener = () => fn();
  signal.addEventListener("abort", listener, { once: true });
  return toDisposable(() => signal.removeEventListener("abort", listener));
}

/**
 * Aborts the one as soon as the other does, until it is disposed. Not AbortSignal.any: Node.js keeps what is made of it, and all that
 * listens there, until the next collection of all garbage, and a note of each in every signal that it is made of.
 */
export function abortWith(controller: AbortController, signal: AbortSignal): Disposable {
  return onAbort(signal, () => controller.abort(signal.reason));
}

/** Resolves when the time has passed; rejects with the signal's reason as soon as it aborts. */
export async function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const over = Promise.withResolvers<void>();
  const timer = clock.at(clock.now() + ms, over.resolve);
  const gone = onAbort(signal, () => over.reject(signal?.reason));
  try {
    await over.promise;
  } finally {
    timer.dispose();
    gone.dispose();
  }
}

/** Calls again and again, each time when so much has passed since the call before, until it is disposed. */
export function every(clock: Clock, ms: number, fn: () => void): Disposable {
  let next = clock.at(clock.now() + ms, tick);
  function tick() {
    // First, so that it may be disposed by what is called.
    next = clock.at(clock.now() + ms, tick);
    fn();
  }
  return toDisposable(() => next.dispose());
}

/** Settles as the promise does, or rejects with the signal's reason as soon as it aborts, whatever the promise does then. */
export async function race<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const gone = onAbort(signal, () => aborted.reject(signal.reason));
  try {
    // The first that has settled wins: what has aborted already comes before what is done already.
    return await Promise.race([aborted.promise, promise]);
  } finally {
    gone.dispose();
  }
}

/** What the promise resolves with, or undefined when the time or the signal ends the wait first. */
export async function within<T>(
  clock: Clock,
  ms: number,
  promise: PromiseLike<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const over = Promise.withResolvers<undefined>();
  const timer = ms > 0 ? clock.at(clock.now() + ms, () => over.resolve(undefined)) : undefined;
  if (!timer) over.resolve(undefined);
  const gone = onAbort(signal, () => over.resolve(undefined));
  try {
    return await Promise.race([over.promise, promise]);
  } finally {
    timer?.dispose();
    gone.dispose();
  }
}

import { type Disposable, toDisposable } from "./disposable.ts";

/** Time as the product sees it; tests put a fake in its place. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that have passed since some moment: goes on evenly, whatever the clock is set to, and not while the machine sleeps. */
  steady(): number;
  /** Calls once when `now()` has reached `time`, however the machine slept; a clock that is set back makes it no longer. */
  at(time: number, fn: () => void): Disposable;
}

// Timers are 32-bit and laptops sleep, so never wait more than 30 s at a time.
const LONGEST_WAIT_MS = 30_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  at(time, fn) {
    let timer: NodeJS.Timeout;
    const end = performance.now() + (time - Date.now());
    const wait = () => {
      const left = Math.min(time - Date.now(), end - performance.now());
      if (left <= 0) fn();
      else timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS)).unref();
    };
    timer = setTimeout(wait, Math.min(Math.max(time - Date.now(), 0), LONGEST_WAIT_MS)).unref();
    return toDisposable(() => clearTimeout(timer));
  },
};

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

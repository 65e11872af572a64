import type { Clock } from "../../base/clock.ts";
import { BoundedMap } from "../../base/boundedMap.ts";

// An attacker with many addresses must not fill the memory.
const MOST_ADDRESSES = 10_000;

export interface Attempt {
  /** Over the limit when positive: how long until the next attempt counts as the first again. */
  retryAfterMs: number;
  /** It was no guess after all. */
  forgive(): void;
}

/** Counts attempts per address before anything is compared, so that parallel ones cannot slip through together. */
export function createAttempts(
  clock: Clock,
  { limit = 10, windowMs = 60_000 } = {},
): { begin(address: string): Attempt } {
  const byAddress = new BoundedMap<string, number[]>(MOST_ADDRESSES);

  const recent = (address: string): number[] => {
    const now = clock.now();
    // A clock may go backwards.
    const times = (byAddress.get(address) ?? []).filter((time) => time > now - windowMs && time <= now);
    byAddress.delete(address);
    if (times.length > 0) byAddress.set(address, times);
    return times;
  };

  return {
    begin(address) {
      const times = recent(address);
      if (times.length >= limit) return { retryAfterMs: Math.max(1, times[0]! + windowMs - clock.now()), forgive() {} };
      const now = clock.now();
      byAddress.set(address, [...times, now]);
      return {
        retryAfterMs: 0,
        forgive() {
          const left = byAddress.get(address) ?? [];
          const index = left.lastIndexOf(now);
          if (index >= 0) left.splice(index, 1);
        },
      };
    },
  };
}

import type { Clock } from "../../src/base/clock.ts";
import { toDisposable } from "../../src/base/disposable.ts";

export interface FakeClock extends Clock {
  /** Moves on by `ms`, stopping at each callback that falls due, in order. Resolves when what they started has settled. */
  advance(ms: number): Promise<void>;
  /** Jumps, forwards or back, as a machine that slept or was set: what is due then runs late, at the new time. */
  set(ms: number): Promise<void>;
  /** How many callbacks wait. */
  waiting(): number;
}

interface Entry {
  time: number;
  fn: () => void;
}

export function createFakeClock(start = Date.parse("2026-11-22T00:00:00.000Z")): FakeClock {
  let now = start;
  /** By how much it was set. */
  let jumped = 0;
  const entries = new Set<Entry>();

  const nextUntil = (time: number) => {
    let next: Entry | undefined;
    for (const entry of entries) {
      if (entry.time <= time && (next === undefined || entry.time < next.time)) next = entry;
    }
    return next;
  };

  const runUntil = async (time: number) => {
    await settle();
    for (let entry = nextUntil(time); entry !== undefined; entry = nextUntil(time)) {
      entries.delete(entry);
      now = Math.max(now, entry.time);
      entry.fn();
      await settle();
    }
    now = Math.max(now, time);
  };

  return {
    now: () => now,
    steady: () => now - start - jumped,
    at(time, fn) {
      const entry = { time, fn };
      entries.add(entry);
      return toDisposable(() => entries.delete(entry));
    },
    advance: (ms) => runUntil(now + ms),
    async set(ms) {
      // As long to wait as before, on a clock that shows less.
      if (ms < now) for (const entry of entries) entry.time -= now - ms;
      jumped += ms - now;
      now = ms;
      await runUntil(ms);
    },
    waiting: () => entries.size,
  };
}

/**
 * What was begun has come to its end, or to where it waits: a turn of the event loop comes after all microtasks, however long
 * their chain, and each commit may wait for the end of one.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

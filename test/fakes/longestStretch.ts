import { threadMs } from "./threadMs.ts";

/**
 * The longest time, in ms of this thread's own work, that the event loop did not turn while something was done. Not the time
 * on the wall, which on a busy machine says more about its other programs. It is looked at each millisecond, not at each turn:
 * that would be work itself, for as long as is waited.
 */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let before = threadMs();
  const look = () => {
    const now = threadMs();
    longest = Math.max(longest, now - before);
    before = now;
  };
  const turns = setInterval(look, 1);
  try {
    await work();
  } finally {
    clearInterval(turns);
    look();
  }
  return longest;
}

/**
 * The least of at most three such times, the first that is below a bound: what the work does itself is in each, a collection
 * of all garbage by chance in one.
 */
export async function ownStretch(bound: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 3 && least >= bound; round++) least = Math.min(least, await longestStretch(work));
  return least;
}

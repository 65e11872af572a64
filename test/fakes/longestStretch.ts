import { threadMs } from "./threadMs.ts";

/**
 * The longest time, in ms of this thread's own work, that the event loop did not turn while something was done. Not the time
 * on the wall, which on a busy machine says more about its other programs.
 */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let before = threadMs();
  let isOver = false;
  const turn = () => {
    const now = threadMs();
    longest = Math.max(longest, now - before);
    before = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
  } finally {
    isOver = true;
    turn();
  }
  return longest;
}

/** The least of three such times: what the work does itself is in each, a collection of all garbage by chance in one. */
export async function ownStretch(work: () => Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) rounds.push(await longestStretch(work));
  return Math.min(...rounds);
}

/**
 * Calls what it is given soon, in order, and few of them in one turn of the event loop, so that nothing else waits for all of them.
 * Where there are more, a pause comes between: whoever waits longer has more to take at once, and that costs less than many small takings.
 */
export interface Slices {
  later(fn: () => void): void;
}

const PAUSE_MS = 1;

export function createSlices(perTurn: number): Slices {
  let waiting: (() => void)[] = [];
  let begun = false;
  const turn = () => {
    const now = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    begun = waiting.length > 0;
    if (begun) setTimeout(turn, PAUSE_MS);
    for (const fn of now) fn();
  };
  return {
    later(fn) {
      waiting.push(fn);
      if (!begun) setImmediate(turn);
      begun = true;
    },
  };
}

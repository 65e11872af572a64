/** Calls what it is given soon, in order, and few of them in one turn of the event loop, so that nothing else waits for all of them. */
export interface Slices {
  later(fn: () => void): void;
}

export function createSlices(perTurn: number): Slices {
  let waiting: (() => void)[] = [];
  let begun = false;
  const turn = () => {
    const now = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    begun = waiting.length > 0;
    // What is called wakes others by promises, which go on before the next turn.
    if (begun) setImmediate(turn);
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

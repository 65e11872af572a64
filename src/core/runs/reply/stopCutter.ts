/** Cuts a text that comes in pieces before the first of some words. */
export interface StopCutter {
  /** What of it may be told by now. */
  push(piece: string): string;
  /** What was held back, when nothing more comes. */
  rest(): string;
  /** One of the words has come. */
  readonly hit: boolean;
}

export function createStopCutter(words: string[] = []): StopCutter {
  const longest = Math.max(0, ...words.map(({ length }) => length));
  let held = "";
  let hit = false;
  const give = (end: number): string => {
    const given = held.slice(0, end);
    held = held.slice(end);
    return given;
  };
  return {
    get hit() {
      return hit;
    },
    push(piece) {
      if (longest === 0 || hit) return hit ? "" : piece;
      held += piece;
      const found = words.map((word) => held.indexOf(word)).filter((at) => at >= 0);
      if (found.length > 0) {
        hit = true;
        return give(Math.min(...found));
      }
      // As much as might be the beginning of a word, and no half of a letter.
      for (let keep = Math.min(longest - 1, held.length); keep > 0; keep -= 1)
        if (words.some((word) => word.startsWith(held.slice(-keep)))) return give(held.length - keep);
      return give(held.length);
    },
    rest: () => (hit ? "" : give(held.length)),
  };
}

import { type Disposable, toDisposable } from "../../base/disposable.ts";

/** Which session's run waits on which other session, so that none waits on itself around a corner. */
export interface WaitGraph {
  wouldBlock(from: string, to: string): boolean;
  add(from: string, to: string): Disposable;
}

export function createWaitGraph(): WaitGraph {
  const edges = new Set<{ from: string; to: string }>();
  const reaches = (from: string, to: string, seen: Set<string>): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...edges].some((edge) => edge.from === from && reaches(edge.to, to, seen));
  };
  return {
    wouldBlock: (from, to) => reaches(to, from, new Set()),
    add(from, to) {
      const edge = { from, to };
      edges.add(edge);
      return toDisposable(() => edges.delete(edge));
    },
  };
}

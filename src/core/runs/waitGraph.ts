import { newId } from "../../base/id.ts";
import type { Held, Holds } from "../ports/hold.ts";

/** Which session's run waits on which other sessions, in whichever process, so that none waits on itself around a corner. */
export interface WaitGraph {
  wouldBlock(from: string, to: string): Promise<boolean>;
  /** Resolves with what ends the wait; with undefined when it would never end: of two that begin at once, the later. */
  begin(from: string, to: string[]): Promise<(() => Promise<void>) | undefined>;
}

const KEY = "wait";

export function createWaitGraph(holds: Holds): WaitGraph {
  return {
    wouldBlock: async (from, to) => reaches(await holds.list([KEY]), to, from),
    async begin(from, to) {
      const id = newId("wait");
      await holds.put({ id, keys: [KEY], value: { from, to } });
      const end = () => holds.drop(id);
      let isBegun = false;
      try {
        const before = await holds.list([KEY], id);
        isBegun = !to.some((key) => reaches(before, key, from));
      } finally {
        if (!isBegun) await end();
      }
      return isBegun ? end : undefined;
    },
  };
}

/** Whether a run of `from` waits, over however many others, on `to`. */
function reaches(waits: Held[], from: string, to: string, seen = new Set<string>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return waits.some(({ value }) => {
    const wait = value as { from: string; to: string[] };
    return wait.from === from && wait.to.some((key) => reaches(waits, key, to, seen));
  });
}

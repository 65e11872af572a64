import { protectedScan } from "../protectedScan.ts";
import { seenPaths } from "../seenPaths.ts";
import { type Before, placesIn } from "./settle.ts";
import { type SetAside, setAside } from "./setAside.ts";

const LOOK_MS = 250;
/** Of its time a look takes the twentieth part at most: a large workspace is looked through less often. */
const PART = 20;

/**
 * Sets aside what a command makes that decides what code runs as soon as it is seen: editors act upon a new repository or
 * setting at once. Resolves, when it is told to stop, with what that was.
 */
export function watchSettings(before: Before): { stop(): Promise<SetAside> } {
  const { workspace } = before;
  const isSeen = seenPaths(before.seen, workspace);
  const ruling = new Map(before.ruling);
  const all: SetAside = { renamed: [], left: [] };
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const began = performance.now();
    const now = await protectedScan.find(workspace);
    const places = now ? placesIn(now) : [];
    const done = await setAside(workspace, ruling, { known: new Set(before.known), places, isSeen, isRunning: true });
    all.renamed.push(...done.renamed);
    if (!isOver) plan(Math.max(LOOK_MS, (performance.now() - began) * PART));
  };
  const plan = (wait: number): void => {
    // What cannot be looked at now is looked at in the end.
    timer = setTimeout(() => {
      looking = look().catch(() => {});
    }, wait).unref();
  };
  plan(LOOK_MS);
  return {
    async stop() {
      isOver = true;
      clearTimeout(timer);
      await looking;
      return all;
    },
  };
}

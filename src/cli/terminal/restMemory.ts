import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";

const LOOK_MS = 20_000;
// A start leaves the most, and nothing else is under way by then.
const FIRST_MS = 5_000;
// Of a look's time; what wakes up by itself takes a tenth of it.
const AT_REST = 0.01;

interface RestOptions {
  clock: Clock;
  /** Milliseconds of processor that this process has taken so far. */
  spentMs?: () => number;
  collect?: () => void;
}

/**
 * Gives back what work left behind, once after each time of work, when there has been none for a while: Node.js collects as
 * it allocates, and at rest it would keep for days what the last busy minute needed.
 */
export function collectAtRest({ clock, spentMs = ownSpentMs, collect = collectAll }: RestOptions): Disposable {
  let spent = spentMs();
  let hasWorked = true;
  let timer = clock.at(clock.now() + FIRST_MS, () => look(FIRST_MS));
  function look(lookedMs: number): void {
    const now = spentMs();
    const isAtRest = now - spent < lookedMs * AT_REST;
    if (isAtRest && hasWorked) collect();
    hasWorked = !isAtRest;
    // What a collection takes is no work.
    spent = isAtRest ? spentMs() : now;
    timer = clock.at(clock.now() + LOOK_MS, () => look(LOOK_MS));
  }
  return toDisposable(() => timer.dispose());
}

function ownSpentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A context made after the flag was set has the function; no other way to it exists in a process that runs. */
function collectAll(): void {
  // What was compiled is kept in memory until it is written, which is at the end if nobody asks; whoever is killed has no end.
  flushCompileCache();
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (how: object) => void;
  // Any other leaves the space for new objects as large as work has made it.
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

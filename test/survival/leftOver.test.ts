import { expect, onTestFinished, test } from "vitest";
import { createDayWork } from "../bench/dayWork.ts";
import type { Live } from "../bench/live.ts";
import { newSession, openSurvivalBench } from "./bench.ts";

/** A machine that does much else takes minutes for what takes seconds: only what hangs is to end. */
const LIMIT_MS = 360_000;
const SESSIONS = 5;
const TIMES = 10;
/** Of what comes and goes by itself, connections that are kept for the next turn among it: one that each piece left would be more. */
const FEW = TIMES / 2;
/** Some functions hang on each of those. What a piece leaves is never one function alone. */
const FEW_FUNCTIONS = 20 * TIMES;
/** What never comes and goes by itself: streams that are read, what listens, programs, folders that are watched. */
const STEADY = ["generators", "listeners", "TCPSERVERWRAP", "PROCESSWRAP", "FSEVENTWRAP", "SIGNALWRAP"];

test(
  "what is done all day, and left in the middle, leaves no stream, timer, socket, listener or open file behind",
  async () => {
    const day = createDayWork();
    const bench = await openSurvivalBench({ script: day.script });
    onTestFinished(() => bench.close());
    const gateway = await bench.start({ tellsLive: true });
    const keys = await Promise.all(Array.from({ length: SESSIONS }, () => newSession(gateway)));
    const pieces = Object.values(day.pieces(gateway));
    const work = async (times: number) => {
      for (const piece of pieces)
        await Promise.all(
          keys.map(async (key) => {
            for (let time = 0; time < times / SESSIONS; time += 1) await piece(key);
          }),
        );
      await expect.poll(async () => (await gateway.call("/api/runs/list?states=queued,running"))["runs"]).toEqual([]);
      await bench.model.answered();
    };
    // What is loaded and kept at the first ones is not theirs.
    await work(SESSIONS);
    const before = await gateway.live();
    await work(TIMES);
    // Some of it is let go of a moment after its client has left.
    await expect.poll(async () => more(before, await gateway.live()), { timeout: LIMIT_MS / 4 }).toEqual({});
  },
  LIMIT_MS,
);

/** Of which kinds there are so many more that they were left. */
function more(before: Live, after: Live): Record<string, number> {
  const grown = Object.entries(after.open).map(([kind, count]) => [kind, count - (before.open[kind] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([kind, count]) => count > spare(kind)));
}

function spare(kind: string): number {
  if (STEADY.includes(kind)) return 0;
  return kind === "functions" ? FEW_FUNCTIONS : FEW;
}

import { expect, test } from "vitest";
import { writeHistory } from "./history.ts";

test(
  "four processes on one store, killed, stopped and cut off: nothing is lost, done twice or told out of order",
  { timeout: 300_000 },
  async () => {
    const report = await writeHistory({ faults: 10, seed: 7, fullMs: 2000 });
    expect(report).toMatchObject({ byKind: { killed: 5, stopped: 1, cut: 1, severed: 2, full: 1 }, findings: [] });
  },
);

test(
  "a disk that fills up while calls are under way fails their runs: each call is told as not run, or as of unknown effect",
  { timeout: 300_000 },
  async () => {
    const report = await writeHistory({ faults: 2, seed: 3, fullMs: 2000, order: ["full"] });
    expect(report).toMatchObject({ byKind: { full: 2 }, findings: [] });
  },
);

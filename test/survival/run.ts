import { median } from "../bench/statistics.ts";
import { abortCommand, abortStreams } from "./aborts.ts";
import { meetCrowd, probeUnderStreams } from "./crowd.ts";
import { writeHistory } from "./history.ts";
import { killAtRandom } from "./killPoints.ts";
import { raceForLease } from "./leaseRace.ts";
import { startWithMany } from "./manySessions.ts";

// npm run survive [-- NAME...] [SEED]: what the gateway's process lives through, in figures; ends with 1 when a promise is broken.
const words = process.argv.slice(2);
const seed = Number(words.find((word) => /^\d+$/.test(word)) ?? Date.now() % 1_000_000);
const wanted = words.filter((word) => !/^\d+$/.test(word));
const findings: string[] = [];

const demand = (kept: boolean, promise: string): void => {
  if (!kept) findings.push(promise);
};

const parts: Record<string, () => Promise<object>> = {
  async kill() {
    const { readyMs, ...report } = await killAtRandom({ points: 200, seed });
    findings.push(...report.findings);
    demand(median(readyMs) < 2000, "After a kill it took more than 2 s to be ready");
    return { seed, ...report, readyMs: spread(readyMs) };
  },
  async many() {
    const readyMs = spread(await startWithMany(10_000, 10));
    demand(readyMs.median < 2000, "With 10,000 sessions it took more than 2 s to be ready");
    return { sessions: 10_000, readyMs };
  },
  async lease() {
    const { readyMs, ...report } = await raceForLease(100);
    findings.push(...report.findings);
    return { ...report, readyMs: spread(readyMs) };
  },
  async history() {
    const { takeOverMs, ...report } = await writeHistory({ faults: 200, seed });
    findings.push(...report.findings);
    demand(Math.max(...takeOverMs.killed, ...takeOverMs.stopped) < 5000, "Another took more than 5 s to lead");
    return { seed, ...report, killedMs: spread(takeOverMs.killed), stoppedMs: spread(takeOverMs.stopped) };
  },
  async abort() {
    const report = { ...(await abortStreams(1000)), commandGoneMs: await abortCommand() };
    demand(report.slowestMs < 2000 && report.commandGoneMs < 2000, "An abort took longer than 2 s");
    demand(report.rssMb[1] - report.rssMb[0] < 30, "The memory grew with the aborts");
    demand(report.files[1] - report.files[0] < 10, "The open files grew with the aborts");
    return report;
  },
  async crowd() {
    const report = await meetCrowd(1000);
    demand(report.byStatus["200"] === 3000, "A client of the crowd was not answered");
    return report;
  },
  streams: () => probeUnderStreams(50, 10_000),
};

for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) console.log(name, JSON.stringify(await measure(), rounded, 2));
}
for (const finding of findings) console.log(finding);
console.log(findings.length === 0 ? "Every promise was kept." : `${findings.length} promises were broken.`);
if (findings.length > 0) process.exitCode = 1;

function spread(values: number[]): { median: number; max: number } {
  return { median: median(values), max: Math.max(...values) };
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 10) / 10 : value;
}

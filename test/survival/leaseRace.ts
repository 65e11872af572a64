import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayProcess, startGateway } from "../bench/gatewayProcess.ts";

export interface RaceReport {
  rounds: number;
  /** From spawn to serving of those that won against a killed leader's lease. */
  readyMs: number[];
  findings: string[];
}

/** Two processes start at once: in every second round on a fresh folder, else on one whose leader was killed with -9. */
export async function raceForLease(rounds: number): Promise<RaceReport> {
  const report: RaceReport = { rounds, readyMs: [], findings: [] };
  let stateDir = "";
  for (let round = 0; round < rounds; round++) {
    const isFresh = round % 2 === 0;
    if (isFresh) stateDir = mkdtempSync(join(tmpdir(), "pincer-lease-"));
    const started = await Promise.allSettled([startGateway({ stateDir }), startGateway({ stateDir })]);
    const leaders = started.filter((one) => one.status === "fulfilled").map((one) => one.value);
    const refusals = started.filter((one) => one.status === "rejected").map((one) => String(one.reason));
    report.findings.push(...toFindings(leaders, refusals).map((text) => `Round ${round}: ${text}`));
    if (!isFresh) report.readyMs.push(...leaders.map((leader) => leader.startMs));
    await Promise.all(leaders.map((leader) => leader.kill()));
    if (!isFresh || round === rounds - 1) rmSync(stateDir, { recursive: true });
  }
  return report;
}

function toFindings(leaders: GatewayProcess[], refusals: string[]): string[] {
  if (leaders.length !== 1) return [`${leaders.length} lead; ${refusals.join(" | ")}`];
  const sentence = new RegExp(
    `ended with 1 before.*A gateway already runs on \\S+: pincer gateway, process ${leaders[0]!.pid}`,
  );
  return refusals.filter((refusal) => !sentence.test(refusal));
}

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import { newSession, openSurvivalBench } from "./bench.ts";

export interface AbortReport {
  aborts: number;
  /** From the abort until the connection of the provider's answer was closed: the slowest, in milliseconds. */
  slowestMs: number;
  /** Resident memory of the gateway after the first third and at the end, in MB. */
  rssMb: [number, number];
  /** Open files and sockets of the gateway, those of its clients aside, at the same times; NaN where the system does not tell. */
  files: [number, number];
}

export const AT_ONCE = 10;

/** Aborts runs while their answer is on its way, and looks for what is left behind. */
export async function abortStreams(aborts: number): Promise<AbortReport> {
  const bench = await openSurvivalBench({
    script: () => ({ text: "Half an answer.", fault: { kind: "stall", at: "stream" } }),
    // Without room for garbage to lie around in, the memory shows what is kept.
    env: { NODE_OPTIONS: "--max-semi-space-size=1 --max-old-space-size=64" },
  });
  try {
    const gateway = await bench.start();
    const keys = await Promise.all(Array.from({ length: AT_ONCE }, () => newSession(gateway)));
    const report: AbortReport = { aborts: 0, slowestMs: 0, rssMb: [NaN, NaN], files: [NaN, NaN] };
    while (report.aborts < aborts) {
      await Promise.all(
        keys.map((sessionKey) =>
          gateway.call("/api/sessions/send", { message: "Tell me.", sessionKey, timeoutSeconds: 0 }),
        ),
      );
      report.aborts += AT_ONCE;
      await bench.model.received(report.aborts);
      const began = performance.now();
      await Promise.all(keys.map((sessionKey) => gateway.call("/api/sessions/abort", { sessionKey })));
      await bench.model.answered();
      report.slowestMs = Math.max(report.slowestMs, performance.now() - began);
      // Histories would grow, and with them what is read for each run.
      await Promise.all(keys.map((sessionKey) => gateway.call("/api/sessions/reset", { sessionKey })));
      if (Number.isNaN(report.rssMb[0]) && report.aborts >= aborts / 3) {
        await bench.model.quiet();
        [report.rssMb[0], report.files[0]] = sizeOf(gateway);
      }
    }
    await bench.model.quiet();
    [report.rssMb[1], report.files[1]] = sizeOf(gateway);
    return report;
  } finally {
    await bench.close();
  }
}

/** Aborts a run whose command has started others. Resolves with how long the last of them lived, in milliseconds. */
export async function abortCommand(): Promise<number> {
  // A number that no other process here sleeps for.
  const mark = `${80_000_000 + process.pid}`;
  const command = `sh -c 'sleep ${mark} & sleep ${mark}'`;
  const bench = await openSurvivalBench({ script: () => ({ toolCalls: [{ name: "exec", input: { command } }] }) });
  try {
    const gateway = await bench.start();
    await gateway.call("/api/sessions/send", { message: "Wait.", timeoutSeconds: 0 });
    const approval = await firstApproval(gateway);
    await gateway.call("/api/approvals/answer", { id: approval, decision: "allow" });
    while (sleepers(mark) < 2) await sleep(20);
    const began = performance.now();
    await gateway.call("/api/sessions/abort", { sessionKey: "main" });
    while (sleepers(mark) > 0) await sleep(20);
    return performance.now() - began;
  } finally {
    await bench.close();
  }
}

async function firstApproval(gateway: GatewayProcess): Promise<string> {
  for (;;) {
    const { approvals } = (await gateway.call("/api/approvals/list")) as { approvals: { id: string }[] };
    if (approvals[0]) return approvals[0].id;
    await sleep(20);
  }
}

/** How many processes sleep for this long. */
function sleepers(mark: string): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${mark}\0`;
    } catch {
      return false;
    }
  }).length;
}

function sizeOf({ pid, url }: GatewayProcess): [rssMb: number, files: number] {
  try {
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    const clients = clientSockets(pid, Number(new URL(url).port));
    const files = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    return [Number(rss) / 1024, files.filter((file) => !clients.has(file)).length];
  } catch {
    return [NaN, NaN];
  }
}

/** Connections that came in at the port. How many a client keeps open, and how long, says nothing of the gateway. */
function clientSockets(pid: number, port: number): Set<string> {
  const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n"));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const own = fields.filter(([, local = ""]) => Number.parseInt(local.split(":")[1] ?? "", 16) === port);
  return new Set(own.map((row) => `socket:[${row[9]}]`));
}

/** [] for one that was closed meanwhile. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { residentMb } from "./processFigures.ts";
import { openReader } from "./rawClient.ts";
import { toRequests } from "./readers.ts";
import type { Figure } from "./run.ts";
import { percentile } from "./statistics.ts";

const RUNS = 4;
const ROUNDS = 5;
const DOORS: [door: string, readers: number][] = [
  ["event streams", 200],
  ["WebSockets", 200],
  ["/v1 streams", 200],
  ["event streams", 1000],
  ["WebSockets", 1000],
];

/** Whether the gateway still answers while many never read what four quick runs tell. Linux only. */
export async function flood(): Promise<Figure[]> {
  const model = await startAnthropicServer({
    script: ({ text }) => ({
      text: "word ".repeat(20_000),
      chunks: 5000,
      // The runs beside the readers are as quick as the quickest models.
      delayMs: text === "slowly" ? 20 : 1,
    }),
  });
  const folder = mkdtempSync(join(tmpdir(), "pincer-flood-"));
  const figures: Figure[] = [];
  for (const [door, readers] of DOORS) {
    const file = join(folder, "delay.json");
    const gateway = await startGateway({
      env: {
        ANTHROPIC_API_KEY: "sk-ant-bench",
        ANTHROPIC_BASE_URL: model.url,
        LOOP_DELAY_FILE: file,
        NODE_OPTIONS: `--import ${new URL("loopDelay.ts", import.meta.url).href}`,
      },
    });
    try {
      const sessions = await Promise.all(
        Array.from({ length: RUNS }, async () => {
          const made = await gateway.call("/api/sessions/create", {});
          return String(made["sessionKey"]);
        }),
      );
      // What a process takes for such runs without any reader is not the readers'.
      for (let round = 0; round < ROUNDS; round++) await runAll(gateway, sessions);
      const before = residentMb(gateway.pid);
      const toRequest = toRequests[door]!;
      const sockets = await Promise.all(Array.from({ length: readers }, () => openReader(gateway, toRequest(gateway))));
      process.kill(gateway.pid, "SIGUSR2");
      const stops: number[] = [];
      let most = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { mb, stopMs } = await runAll(gateway, sessions);
        most = Math.max(most, mb);
        stops.push(...stopMs);
      }
      await sleep(1000);
      const delay = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
      for (const socket of sockets) socket.destroy();
      const beside = `${RUNS} runs beside ${readers} unread ${door}`;
      figures.push(
        { name: `${beside}: loop delay, p99`, value: delay["p99"]!, unit: "ms", aim: 50 },
        { name: `${beside}: of its own work`, value: delay["ownP99"]!, unit: "ms", aim: 50 },
        { name: `${beside}: Stop, longest of ${stops.length}`, value: percentile(stops, 1), unit: "ms", aim: 500 },
        { name: `${beside}: memory added`, value: most - before, unit: "MB", aim: 100 },
      );
    } finally {
      await gateway.stop();
    }
  }
  await model.close();
  rmSync(folder, { recursive: true, force: true });
  return figures;
}

/** A run in each session, stopped after a moment: how much memory was in use then, and how long each took to stop. */
async function runAll(gateway: GatewayProcess, sessions: string[]): Promise<{ mb: number; stopMs: number[] }> {
  const ids = await Promise.all(sessions.map((sessionKey) => start(gateway, sessionKey)));
  await sleep(1500);
  const mb = residentMb(gateway.pid);
  const stopMs: number[] = [];
  for (const runId of ids) {
    const began = performance.now();
    await gateway.call("/api/runs/cancel", { runId });
    stopMs.push(performance.now() - began);
  }
  return { mb, stopMs };
}

async function start(gateway: GatewayProcess, sessionKey: string): Promise<string> {
  const { runId } = await gateway.call("/api/sessions/send", { message: "go", sessionKey, timeoutSeconds: 0 });
  return String(runId);
}

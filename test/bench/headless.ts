import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { startGateway } from "./gatewayProcess.ts";
import { cpuMs, residentMb } from "./processFigures.ts";
import type { Figure } from "./run.ts";
import { median } from "./statistics.ts";

/** Start, memory and idleness of the gateway process, and what it sends a model for "hi". */
export async function headless(): Promise<Figure[]> {
  const starts: number[] = [];
  const stateDirs: string[] = [];
  for (let round = 0; round < 5; round++) {
    const gateway = await startGateway();
    starts.push(gateway.startMs);
    stateDirs.push(gateway.stateDir);
    await gateway.stop();
  }
  const model = await startAnthropicServer();
  const gateway = await startGateway({
    workspace: emptyFolder(),
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
  });
  const fresh = residentMb(gateway.pid);
  // By then it has given back what its start left behind.
  await sleep(8000);
  const idle = residentMb(gateway.pid);
  const cpuBefore = cpuMs(gateway.pid);
  await sleep(5000);
  const idleCpu = (cpuMs(gateway.pid) - cpuBefore) / 50;
  await gateway.call("/api/sessions/send", { message: "hi" });
  const afterTurn = residentMb(gateway.pid);
  const { body } = model.requests[0]!;
  const promptTokens =
    JSON.stringify({ system: body["system"], tools: body["tools"], messages: body["messages"] }).length / 4;
  await gateway.stop();
  await model.close();
  return [
    { name: "start to serving, median of 5", value: median(starts), unit: "ms", aim: 180 },
    { name: "resident memory at the start", value: fresh, unit: "MB" },
    { name: "resident memory, idle", value: idle, unit: "MB", aim: 65 },
    { name: "resident memory after a first turn (SDK loaded)", value: afterTurn, unit: "MB" },
    { name: "CPU when idle", value: idleCpu, unit: "%", aim: 0 },
    { name: 'prompt for "hi" (4 characters a token)', value: promptTokens, unit: "tokens", aim: 3000 },
  ];
}

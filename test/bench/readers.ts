import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { residentMb } from "./processFigures.ts";
import { openReader, toGet, toPost, toUpgrade } from "./rawClient.ts";
import type { Figure } from "./run.ts";

const READERS = 1000;
const TURNS = 20;
const TEXT = "All work and no play makes a long answer. ".repeat(2000);

/** What readers that never read cost: 1,000 event streams and WebSockets, while long answers are told. Linux only. */
export async function readers(): Promise<Figure[]> {
  const model = await startAnthropicServer({ script: () => ({ text: TEXT, chunks: 1000 }) });
  const figures: Figure[] = [];
  for (const [name, request] of ["event streams", "WebSockets"].map((door) => [door, toRequests[door]!] as const)) {
    const gateway = await startGateway({
      env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
      tellsLive: true,
    });
    try {
      const send = () => gateway.call("/api/sessions/send", { message: "hi" });
      // What a process takes for so many turns without any reader is not the readers'.
      for (let turn = 0; turn < TURNS; turn++) await send();
      const before = residentMb(gateway.pid);
      const liveBefore = (await gateway.live()).mb;
      const sockets = await Promise.all(Array.from({ length: READERS }, () => openReader(gateway, request(gateway))));
      const began = performance.now();
      let [most, live] = [0, 0];
      for (let turn = 0; turn < TURNS; turn++) {
        await send();
        most = Math.max(most, residentMb(gateway.pid));
        // While all are open, and when the first are cut.
        if (turn === 4 || turn === TURNS - 1) live = Math.max(live, (await gateway.live()).mb);
      }
      const turnMs = (performance.now() - began) / TURNS;
      // As long as a reader may read nothing, and a little more.
      await sleep(17_000);
      most = Math.max(most, residentMb(gateway.pid));
      const { connections } = (await gateway.call("/api/gateway/status")) as { connections: number };
      for (const socket of sockets) socket.destroy();
      figures.push(
        { name: `${READERS} ${name} that never read, memory in use`, value: live - liveBefore, unit: "MB", aim: 100 },
        // With what is garbage by then, for which the process takes room as long as the machine has it.
        { name: `${READERS} ${name} that never read, memory taken`, value: most - before, unit: "MB" },
        { name: `${READERS} ${name} that never read, still open`, value: connections, unit: "", aim: 0 },
        { name: `turn of 84 KB beside ${READERS} ${name}`, value: turnMs, unit: "ms" },
      );
    } finally {
      await gateway.stop();
    }
  }
  await model.close();
  return figures;
}

type ToRequest = (gateway: GatewayProcess) => string | Buffer;

/** What a reader of each door sends. */
export const toRequests: Record<string, ToRequest> = {
  "event streams": (gateway) => toGet(gateway, "/api/events"),
  WebSockets: (gateway) => toUpgrade(gateway, "events.subscribe", {}),
  "/v1 streams": (gateway) =>
    toPost(gateway, "/v1/chat/completions", {
      model: "pincer",
      stream: true,
      messages: [{ role: "user", content: "slowly" }],
    }),
};

import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { startGateway } from "./gatewayProcess.ts";
import { residentMb } from "./processFigures.ts";
import type { Figure } from "./run.ts";

const SESSIONS = 3000;
const AT_ONCE = 20;
// As long as anything is kept for the next turn, and twice that.
const IDLE_MS = 120_000;

/** What many sessions with one turn each leave in a gateway, right after them and when it has been idle. Linux only. */
export async function memory(): Promise<Figure[]> {
  const model = await startAnthropicServer({ script: () => ({ text: "A short answer." }) });
  const gateway = await startGateway({
    workspace: emptyFolder(),
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
    tellsLive: true,
  });
  let left = SESSIONS;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        const { sessionKey } = await gateway.call("/api/sessions/create", {});
        await gateway.call("/api/sessions/send", { message: "hi", sessionKey });
      }
    }),
  );
  const after = residentMb(gateway.pid);
  await sleep(IDLE_MS);
  const idle = residentMb(gateway.pid);
  const live = (await gateway.live()).mb;
  await gateway.stop();
  await model.close();
  const sessions = `${SESSIONS.toLocaleString("en-US")} sessions with a turn`;
  return [
    { name: `resident memory after ${sessions}`, value: after, unit: "MB", aim: 120 },
    { name: `the same after two minutes without work`, value: idle, unit: "MB", aim: 90 },
    { name: `memory in use after ${sessions}`, value: live, unit: "MB" },
  ];
}

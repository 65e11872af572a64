import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { GatewayProcess } from "./gatewayProcess.ts";

/** What a gateway has in use, without garbage, and how many of each kind of thing it has open: timers, sockets, listeners. */
export interface Live {
  mb: number;
  open: Record<string, number>;
}

/** The environment of a gateway that tells it. */
export const TELLS_LIVE = {
  NODE_OPTIONS: `--expose-gc --import ${fileURLToPath(new URL("liveHeap.ts", import.meta.url))}`,
};

export async function readLive({ pid, stateDir }: Pick<GatewayProcess, "pid" | "stateDir">): Promise<Live> {
  const file = join(stateDir, "live.json");
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  for (;;) {
    await sleep(50);
    try {
      return JSON.parse(readFileSync(file, "utf8")) as Live;
    } catch {
      // It is not written yet, or not whole.
    }
  }
}

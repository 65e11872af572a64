import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { putHistory, putJobs, putSessions } from "../store/grownStore.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { residentMb } from "./processFigures.ts";
import type { Figure } from "./run.ts";
import { median } from "./statistics.ts";

const MESSAGES = [0, 10, 100, 1000, 10_000];
const SESSIONS = [0, 1000, 10_000, 100_000];
const JOBS = [0, 100, 1000];
const ROUNDS = 30;

/** What a turn, a start and a page cost as history, sessions and jobs grow. */
export async function growth(): Promise<Figure[]> {
  const model = await startAnthropicServer({ script: () => ({ text: "A short answer." }) });
  try {
    return [...(await byHistory(model)), ...(await bySessions(model)), ...(await byJobs(model))];
  } finally {
    await model.close();
  }
}

async function byHistory(model: ModelServer): Promise<Figure[]> {
  const fill = async (store: Store) => {
    for (const size of MESSAGES) await putHistory(store, `h_${size}`, size);
  };
  return onStore(model, fill, async (gateway) => {
    const times = new Map(MESSAGES.map((size): [number, number[]] => [size, []]));
    // In turn, so that the machine's moods meet all alike; the first ones read what is stored.
    for (let round = 0; round < ROUNDS; round++)
      for (const size of MESSAGES) {
        const ms = await turnMs(gateway, `h_${size}`);
        if (round > 2) times.get(size)!.push(ms);
      }
    return MESSAGES.map((x) => ({
      name: "turn, by messages of its session, median",
      x,
      value: median(times.get(x)!),
      unit: "ms",
    }));
  });
}

async function bySessions(model: ModelServer): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const x of SESSIONS)
    figures.push(
      ...(await onStore(
        model,
        (store) => putSessions(store, x),
        async (gateway) => [
          { name: "start to serving, by sessions", x, value: gateway.startMs, unit: "ms", aim: 200 },
          { name: "memory after the start, by sessions", x, value: residentMb(gateway.pid), unit: "MB" },
          { name: "turn, by sessions, median", x, value: await medianTurn(gateway), unit: "ms" },
          {
            name: "newest 50 sessions, by sessions, median",
            x,
            value: await medianOf(() => gateway.call("/api/sessions/list?limit=50")),
            unit: "ms",
          },
        ],
      )),
    );
  return figures;
}

async function byJobs(model: ModelServer): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const x of JOBS)
    figures.push(
      ...(await onStore(
        model,
        (store) => putJobs(store, x),
        async (gateway) => [
          { name: "start to serving, by jobs", x, value: gateway.startMs, unit: "ms", aim: 200 },
          { name: "turn, by jobs, median", x, value: await medianTurn(gateway), unit: "ms" },
        ],
      )),
    );
  return figures;
}

/** A gateway on a store that `fill` has filled. */
async function onStore(
  model: ModelServer,
  fill: (store: Store) => Promise<unknown>,
  measure: (gateway: GatewayProcess) => Promise<Figure[]>,
): Promise<Figure[]> {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const store = await openSqliteStore({ path: join(stateDir, "pincer.db"), clock: systemClock, log: silentLog });
  await fill(store);
  await store.close();
  const gateway = await startGateway({
    stateDir,
    workspace: emptyFolder(),
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
  });
  try {
    return await measure(gateway);
  } finally {
    await gateway.stop();
    rmSync(stateDir, { recursive: true });
  }
}

async function medianTurn(gateway: GatewayProcess): Promise<number> {
  const { session } = (await gateway.call("/api/sessions/create", {})) as { session: { key: string } };
  return medianOf(() => turnMs(gateway, session.key));
}

async function medianOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}

async function turnMs(gateway: GatewayProcess, sessionKey: string): Promise<number> {
  const began = performance.now();
  await gateway.call("/api/sessions/send", { message: "hi", sessionKey });
  return performance.now() - began;
}

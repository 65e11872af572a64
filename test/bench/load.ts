import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { createRandom } from "../random.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import { residentMb } from "./processFigures.ts";
import { openReader, toRequests } from "./readers.ts";
import { readLive, TELLS_LIVE, type Live } from "./readLive.ts";
import type { Figure } from "./run.ts";

const SESSIONS = 200;
const ROUNDS = 4;
const TURNS_A_ROUND = 500;
const AT_ONCE = 20;
const READERS = 20;
const JOBS = 10;

/** What an hour of work leaves behind: many sessions, turns of every kind, jobs, and readers that lag. Linux only. */
export async function load(): Promise<Figure[]> {
  const model = await startAnthropicServer({
    script: ({ text, toolResults }) => {
      if (text.includes("tools") && toolResults.length === 0) return { toolCalls: toolCalls() };
      if (text.includes("long")) return { text: "word ".repeat(4000), chunks: 200 };
      if (text.includes("slow")) return { text: "word ".repeat(200), chunks: 100, delayMs: 20 };
      return { text: "A short answer." };
    },
  });
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-load-"));
  const workspace = join(stateDir, "workspace");
  mkdirSync(workspace);
  writeFileSync(join(workspace, "notes.txt"), "Some notes.\n");
  const gateway = await startGateway({
    stateDir,
    workspace,
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url, ...TELLS_LIVE },
  });
  try {
    const keys: string[] = [];
    for (let made = 0; made < SESSIONS; made++)
      keys.push(String((await gateway.call("/api/sessions/create", {}))["sessionKey"]));
    await addJobs(gateway);
    const figures: Figure[] = [];
    let first: Live | undefined;
    let last: Live | undefined;
    for (let round = 1; round <= ROUNDS; round++) {
      await workOneRound(gateway, keys, round);
      last = await quiet(gateway);
      first ??= last;
      const x = round * TURNS_A_ROUND;
      figures.push(
        { name: "memory in use, by turns done", x, value: last.mb, unit: "MB" },
        { name: "memory taken, by turns done", x, value: residentMb(gateway.pid), unit: "MB" },
      );
    }
    const more = Object.entries(last!.open).reduce(
      (sum, [kind, count]) => sum + Math.max(0, count - (first!.open[kind] ?? 0)),
      0,
    );
    return [
      ...figures,
      {
        name: "memory in use, more after the last round than after the first",
        value: last!.mb - first!.mb,
        unit: "MB",
      },
      { name: "timers, sockets and listeners, more than after the first round", value: more, unit: "", aim: 0 },
    ];
  } finally {
    await gateway.stop();
    await model.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function toolCalls() {
  return [
    { name: "read", input: { path: "notes.txt" } },
    { name: "grep", input: { pattern: "notes" } },
  ];
}

/** Jobs that fire every five seconds for as long as the load lasts. */
async function addJobs(gateway: GatewayProcess): Promise<void> {
  for (let job = 0; job < JOBS; job++)
    await gateway.call("/api/cron/add", {
      job: {
        name: `Load ${job}`,
        schedule: { kind: "every", everyMs: 5000 },
        payload: { kind: "agentTurn", message: "tools" },
        sessionTarget: "isolated",
      },
    });
}

async function workOneRound(gateway: GatewayProcess, keys: string[], round: number): Promise<void> {
  const random = createRandom(round);
  const sockets: Socket[] = await Promise.all(
    Array.from({ length: READERS }, (_, at) =>
      openReader(gateway, toRequests[at % 2 === 0 ? "event streams" : "WebSockets"]!),
    ),
  );
  let left = TURNS_A_ROUND;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await takeTurn(gateway, keys[Math.floor(random() * keys.length)]!, random());
    }),
  );
  for (const socket of sockets) socket.destroy();
}

async function takeTurn(gateway: GatewayProcess, sessionKey: string, chance: number): Promise<void> {
  if (chance < 0.6) await gateway.call("/api/sessions/send", { message: "hi", sessionKey });
  else if (chance < 0.8) await gateway.call("/api/sessions/send", { message: "tools", sessionKey });
  else if (chance < 0.9) await gateway.call("/api/sessions/send", { message: "long", sessionKey });
  else {
    const { runId } = await gateway.call("/api/sessions/send", { message: "slow", sessionKey, timeoutSeconds: 0 });
    await gateway.call("/api/runs/cancel", { runId });
  }
}

/** How it is when nothing runs and what is kept open for a moment has been closed. */
async function quiet(gateway: GatewayProcess): Promise<Live> {
  const { jobs } = (await gateway.call("/api/cron/list")) as { jobs: { id: string }[] };
  const set = (enabled: boolean) =>
    Promise.all(jobs.map(({ id }) => gateway.call("/api/cron/update", { id, patch: { enabled } })));
  await set(false);
  for (;;) {
    const { runs } = (await gateway.call("/api/runs/list?states=queued,running")) as { runs: unknown[] };
    if (runs.length === 0) break;
    await sleep(200);
  }
  // Longer than connections to a model are kept for the next turn.
  await sleep(10_000);
  const live = await readLive(gateway);
  await set(true);
  return live;
}

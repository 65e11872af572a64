import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { createRandom } from "../random.ts";
import { createDayWork, type Piece } from "./dayWork.ts";
import { type GatewayProcess, startGateway } from "./gatewayProcess.ts";
import type { Live } from "./live.ts";
import { residentMb } from "./processFigures.ts";
import { leave, openReader } from "./rawClient.ts";
import { toRequests } from "./readers.ts";
import type { Figure } from "./run.ts";

const SESSIONS = 200;
/** The first is the warm-up: what is loaded and kept is there after it. */
const ROUNDS = 5;
const PIECES_A_ROUND = 600;
const AT_ONCE = 20;
const READERS = 20;
const JOBS = 10;
/** What the memory in use, and taken, may differ by from one half to the other: garbage and the room it leaves come and go. */
const LIVE_MB = 3;
const TAKEN_RATIO = 1.1;
/** Connections, and what hangs on them, that are kept for the next turn. A leak leaves one for each piece. */
const FEW = 10;
const FEW_FUNCTIONS = 400;

interface Look extends Live {
  takenMb: number;
}

/**
 * What an hour of work leaves behind: many sessions, pieces of work of every kind through each door, jobs that fire, and readers that
 * lag. Linux only. The figures have limits: `npm run bench load` fails where one is passed.
 */
export async function load(): Promise<Figure[]> {
  const day = createDayWork();
  const model = await startAnthropicServer({ script: day.script });
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-load-"));
  const workspace = join(stateDir, "workspace");
  mkdirSync(workspace);
  writeFileSync(join(workspace, "notes.txt"), "Some notes.\n");
  const gateway = await startGateway({
    stateDir,
    workspace,
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
    tellsLive: true,
  });
  try {
    const keys: string[] = [];
    for (let made = 0; made < SESSIONS; made++)
      keys.push(String((await gateway.call("/api/sessions/create", {}))["sessionKey"]));
    await fillHistories(gateway, keys);
    await addJobs(gateway);
    const pieces = Object.values(day.pieces(gateway));
    const looks: Look[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await workOneRound(gateway, keys, pieces, round);
      looks.push(await quiet(gateway));
    }
    return toFigures(looks);
  } finally {
    await gateway.stop();
    await model.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function toFigures(looks: Look[]): Figure[] {
  const curves = looks.flatMap(({ mb, takenMb }, round): Figure[] => {
    const x = (round + 1) * PIECES_A_ROUND;
    return [
      { name: "memory in use, by pieces of work done", x, value: mb, unit: "MB" },
      { name: "memory taken, by pieces of work done", x, value: takenMb, unit: "MB" },
    ];
  });
  const warm = looks.slice(1);
  const [first, second] = [warm.slice(0, warm.length / 2), warm.slice(warm.length / 2)];
  const least = (some: Look[], read: (look: Look) => number) => Math.min(...some.map(read));
  const kinds = [...new Set(warm.flatMap(({ open }) => Object.keys(open)))].toSorted();
  const open = kinds.map((kind): Figure => {
    const count = (look: Look) => look.open[kind] ?? 0;
    return {
      name: `${kind}, more in the second half than in the first`,
      value: Math.max(0, least(second, count) - least(first, count)),
      unit: "",
      most: kind === "functions" ? FEW_FUNCTIONS : FEW,
    };
  });
  return [
    ...curves,
    {
      name: "memory in use, more in the second half than in the first",
      value: least(second, ({ mb }) => mb) - least(first, ({ mb }) => mb),
      unit: "MB",
      most: LIVE_MB,
    },
    {
      name: "memory taken, the second half over the first",
      value: least(second, ({ takenMb }) => takenMb) / least(first, ({ takenMb }) => takenMb),
      unit: "x",
      most: TAKEN_RATIO,
    },
    ...open,
  ];
}

/**
 * Histories are held, up to a bound: as much of them as that is there before anything is compared, or what is compared is how they
 * come in.
 */
async function fillHistories(gateway: GatewayProcess, keys: string[]): Promise<void> {
  const left = [...keys];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let sessionKey = left.pop(); sessionKey !== undefined; sessionKey = left.pop())
        await gateway.call("/api/sessions/send", { message: "long", sessionKey });
    }),
  );
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

async function workOneRound(gateway: GatewayProcess, keys: string[], pieces: Piece[], round: number): Promise<void> {
  const random = createRandom(round);
  const pick = <Item>(items: Item[]) => items[Math.floor(random() * items.length)]!;
  const sockets: Socket[] = await Promise.all(
    Array.from({ length: READERS }, (_, at) =>
      openReader(gateway, toRequests[at % 2 === 0 ? "event streams" : "WebSockets"]!(gateway)),
    ),
  );
  let left = PIECES_A_ROUND;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await pick(pieces)(pick(keys));
    }),
  );
  await Promise.all(sockets.map(leave));
}

/** How it is when nothing runs and what is kept open for a moment has been closed. */
async function quiet(gateway: GatewayProcess): Promise<Look> {
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
  const live = await gateway.live();
  const takenMb = residentMb(gateway.pid);
  await set(true);
  return { ...live, takenMb };
}

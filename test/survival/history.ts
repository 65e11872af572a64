import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunEvent } from "../../src/protocol/event.ts";
import { isDelta } from "../../src/protocol/eventKind.ts";
import { killScript, LEDGER } from "./killScript.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createRandom } from "../random.ts";
import { createReader, type Reader } from "./reader.ts";
import { fill, mountDisk, unmount } from "./smallDisk.ts";
import { lookOver } from "./storeAudit.ts";
import { openWorkerBench, type WorkerBench, type WorkerProcess } from "./workerBench.ts";

export interface HistoryReport {
  faults: number;
  byKind: Record<string, number>;
  /** Messages that were acknowledged, at once or when asked again under the same key. */
  acknowledged: number;
  resumed: number;
  /** From a leader's death, or its standing still, until another one serves, in milliseconds. */
  takeOverMs: { killed: number[]; stopped: number[] };
  /** Runs that failed for want of room, while the disk was full. */
  withoutRoom: number;
  /** What every reader was told, deltas left out. */
  events: number;
  /** Whatever broke a promise, in words. Empty when all was kept. */
  findings: string[];
}

interface Scene {
  bench: WorkerBench;
  /** Where the state folder is; undefined where none may be mounted. */
  disk: string | undefined;
  fullMs: number;
  outbox: Outbox;
  readers: Reader[];
  processes: Map<string, WorkerProcess>;
  takeOverMs: HistoryReport["takeOverMs"];
  random: () => number;
  /** Nobody is to be started again. */
  isOver: boolean;
  failures: string[];
}

const NAMES = ["one", "two", "three", "four"];
const WORDS = ["slow", "tools", "steps", "plain"];
// Longer than a lease and a worker's sign of life last.
const STILL_MS = 6500;
const LONG_STILL_MS = 20_000;
const DISK_MB = 96;

/** What befalls one of the processes, whichever leads, or all of them. */
const FAULTS: Record<string, (scene: Scene, name: string) => Promise<void>> = {
  async killed(scene, name) {
    const process = scene.processes.get(name)!;
    const takeOver = await missed(scene, process);
    process.signal("SIGKILL");
    await process.gone;
    await takeOver("killed");
    while (scene.processes.get(name) === process) await sleep(20);
  },
  stopped: (scene, name) => standStill(scene, name, STILL_MS),
  stoppedLong: (scene, name) => standStill(scene, name, LONG_STILL_MS),
  /** What works beside the leader loses its wires to it. */
  async severed({ bench, processes }) {
    const { pid, url } = await bench.leader();
    const workers = [...processes.values()].filter((process) => process.pid !== pid);
    await Promise.all(workers.map((process) => process.sever(Number(new URL(url).port))));
  },
  async full({ disk, fullMs }) {
    if (disk === undefined) return;
    const ballast = join(disk, "ballast");
    fill(ballast);
    await sleep(fullMs);
    rmSync(ballast);
  },
  async cut({ readers, random }) {
    for (const reader of readers) {
      await sleep(random() * 100);
      reader.cut();
    }
  },
};

async function standStill(scene: Scene, name: string, ms: number): Promise<void> {
  const process = scene.processes.get(name)!;
  const takeOver = await missed(scene, process);
  await process.standStill();
  const still = sleep(ms);
  await takeOver("stopped");
  await still;
  process.signal("SIGCONT");
}

/** Starts it, and again whenever it has ended, as what keeps services running does: one that lost the lease ends. */
async function keepRunning(scene: Scene, name: string): Promise<void> {
  const process = await scene.bench.start(name);
  writeFileSync(join(process.folder, "notes.txt"), "Some notes.\n");
  scene.processes.set(name, process);
  void process.gone
    .then(() => (scene.isOver ? undefined : keepRunning(scene, name)))
    .catch((error: unknown) => scene.failures.push(`${name} could not be started again: ${String(error)}`));
}

// The rarer ones cost seconds of standing still each.
const ORDER = [
  ...["killed", "cut", "killed", "stopped", "severed"],
  ...["killed", "severed", "killed", "full", "killed"],
  ...["killed", "cut", "severed", "stoppedLong", "killed"],
  ...["killed", "severed", "full", "killed", "stopped"],
];

/** Kills, stops and cuts at random what works together on one store, and looks at what is left. */
export async function writeHistory(options: {
  faults: number;
  seed: number;
  /** How long a disk stays full. */
  fullMs?: number;
  /** Kinds of faults, again from the first after the last. */
  order?: string[];
}): Promise<HistoryReport> {
  const { order = ORDER } = options;
  const random = createRandom(options.seed);
  const disk = mountDisk(DISK_MB);
  const bench = await openWorkerBench({ script: killScript, disk });
  const takeOverMs: HistoryReport["takeOverMs"] = { killed: [], stopped: [] };
  const outbox = createOutbox();
  const scene: Scene = {
    bench,
    disk,
    fullMs: options.fullMs ?? 5000,
    outbox,
    readers: [],
    processes: new Map(),
    takeOverMs,
    random,
    isOver: false,
    failures: [],
  };
  const byKind: Record<string, number> = {};
  try {
    for (const name of NAMES) await keepRunning(scene, name);
    scene.readers.push(createReader(bench), createReader(bench));
    for (let fault = 0; fault < options.faults; fault++) {
      const kind = order[fault % order.length]!;
      byKind[kind] = (byKind[kind] ?? 0) + 1;
      // Two that ask to change one file at once would be told of each other.
      await sendAll(scene, `n${options.seed}x${fault}`, fault % 2 === 0 ? [...WORDS, "approve"] : WORDS);
      await sleep(random() * 400);
      // Every second one befalls whoever leads.
      const { pid } = await bench.leader();
      const leading = [...scene.processes.values()].find((process) => process.pid === pid);
      const name = (fault % 2 === 0 && leading?.name) || NAMES[Math.floor(random() * NAMES.length)]!;
      await FAULTS[kind]!(scene, name);
      await outbox.settled();
      await sendAgain(scene);
      // A run whose worker is killed three times is ended, for what that is worth: here none is to come to that.
      if (fault % 2 === 1 || fault === options.faults - 1) await finishAll(bench);
    }
    await finishAll(bench);
    const stored = listStored(bench);
    const findings = await readersFindings(scene, stored);
    for (const reader of scene.readers.splice(0)) await reader.close();
    scene.isOver = true;
    for (const process of scene.processes.values()) {
      process.signal("SIGKILL");
      await process.gone;
    }
    const found = lookOver(bench.stateDir, outbox.acknowledged(), linesOf(scene));
    return {
      faults: options.faults,
      byKind,
      acknowledged: outbox.acknowledged().length,
      resumed: found.resumed,
      withoutRoom: found.withoutRoom,
      takeOverMs,
      events: stored.length,
      findings: [...found.findings, ...findings, ...scene.failures],
    };
  } finally {
    scene.isOver = true;
    for (const reader of scene.readers) await reader.close();
    await bench.close();
    if (disk !== undefined) unmount(disk);
  }
}

/** To be called before: measures from then on, where it was the one that led. */
async function missed({ bench, takeOverMs }: Scene, { pid }: WorkerProcess) {
  const leads = (await bench.leader()).pid === pid;
  const began = performance.now();
  return async (kind: keyof typeof takeOverMs) => {
    if (!leads) return;
    await bench.leader(pid);
    takeOverMs[kind].push(performance.now() - began);
  };
}

/** One message of each kind into new sessions, spread over the folders of all processes. */
async function sendAll({ bench, outbox, processes }: Scene, name: string, words: string[]): Promise<void> {
  const folders = [...processes.values()].map(({ folder }) => folder);
  for (const [at, word] of words.entries()) {
    const sessionKey = await bench.newSession(folders[at % folders.length]!);
    void outbox.send(gatewayOf(bench), { message: `${word} ${name}m${at}`, sessionKey });
  }
}

/** Whoever leads. What is refused for the moment is as good as not answered. */
function gatewayOf({ leader }: WorkerBench): Parameters<Outbox["send"]>[0] {
  return {
    async ask(path, body, headers) {
      const { url, token } = await leader();
      const answer = await fetch(url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5000),
      });
      if ([401, 409, 503].includes(answer.status)) throw new Error(`${answer.status}`);
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
    },
  };
}

async function sendAgain({ bench, outbox }: Scene): Promise<void> {
  for (;;) {
    const isDone = await outbox.sendAgain(gatewayOf(bench)).then(
      () => true,
      () => false,
    );
    if (isDone) return;
    await sleep(100);
  }
}

/** Allows what asks, and waits until no run is left. */
async function finishAll(bench: WorkerBench): Promise<void> {
  for (;;) {
    const { approvals } = (await bench.call("/api/approvals/list")) as { approvals: { id: string }[] };
    for (const { id } of approvals)
      await bench.call("/api/approvals/answer", { id, decision: "allow" }).catch((error: unknown) => {
        // Answered already, and the answer was lost on its way back.
        if (!String(error).includes("404")) throw error;
      });
    const { runs } = (await bench.call("/api/runs/list?states=queued,running&limit=500")) as {
      runs: { runId: string }[];
    };
    if (runs.length === 0) return;
    await bench.call(`/api/runs/wait?runId=${runs[0]!.runId}&timeoutSeconds=0.2`);
  }
}

function listStored({ stateDir }: WorkerBench): number[] {
  const db = new DatabaseSync(join(stateDir, "pincer.db"), { readOnly: true });
  try {
    return db
      .prepare("SELECT id FROM events ORDER BY id")
      .all()
      .map((row) => Number(row["id"]));
  } finally {
    db.close();
  }
}

/** What readers were told twice, out of order, or not at all. */
async function readersFindings({ readers }: Scene, stored: number[]): Promise<string[]> {
  const newest = stored.at(-1) ?? 0;
  const findings: string[] = [];
  for (const [at, { events }] of readers.entries()) {
    const end = performance.now() + 60_000;
    while ((ids(events).at(-1) ?? 0) < newest && performance.now() < end) await sleep(50);
    const told = ids(events);
    const say = (text: string) => findings.push(`Reader ${at}: ${text}`);
    told.forEach((id, place) => {
      if (place > 0 && id <= told[place - 1]!) say(`${id} came after ${told[place - 1]}`);
    });
    const seen = new Set(told);
    const lost = stored.filter((id) => !seen.has(id));
    if (lost.length > 0) say(`${lost.length} events did not come: ${lost.slice(0, 10).join(", ")}`);
  }
  return findings;
}

function ids(events: RunEvent[]): number[] {
  return events.filter((event) => !isDelta(event)).map(({ id }) => id);
}

function linesOf({ processes }: Scene): string[] {
  return [...processes.values()].flatMap(({ folder }) => {
    const path = join(folder, LEDGER);
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  });
}

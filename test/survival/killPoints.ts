import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { newSession, openSurvivalBench, type SurvivalBench } from "./bench.ts";
import { killScript, LEDGER } from "./killScript.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createRandom } from "../random.ts";
import { lookOver } from "./storeAudit.ts";

export interface KillReport {
  points: number;
  /** Kills in each kind of work. */
  byKind: Record<string, number>;
  /** Messages that were acknowledged, before a kill or when asked again under the same key. */
  acknowledged: number;
  /** Runs that had to go on after a kill. */
  resumed: number;
  firings: number;
  /** Times from spawn to serving after a kill, in milliseconds. */
  readyMs: number[];
  /** Whatever broke a promise, in words. Empty when all was kept. */
  findings: string[];
}

interface Scene {
  model: ModelServer;
  gateway: GatewayProcess;
  outbox: Outbox;
  /** A session with a history worth a summary. */
  longKey: string;
  /** Names what is sent, once. */
  name: string;
}

/** Something to be killed in; what it sent need not have been answered when it resolves. */
const KINDS: Record<string, { withinMs: number; begin(scene: Scene): Promise<void> }> = {
  queued: { withinMs: 400, begin: (scene) => sendTo(scene, ["slow", "plain", "slow"]) },
  acknowledging: {
    withinMs: 40,
    async begin(scene) {
      const key = await newSession(scene.gateway);
      void sendTo(scene, ["plain", "plain", "plain"], key);
    },
  },
  // The answer has begun, however busy this machine is, and takes three times as long.
  streaming: {
    withinMs: 100,
    async begin(scene) {
      await sendTo(scene, ["slow"]);
      while (!scene.model.requests.some(({ text }) => text.startsWith(`slow ${scene.name}m`))) await sleep(5);
    },
  },
  "parallel tools": { withinMs: 600, begin: (scene) => sendTo(scene, ["tools"]) },
  steps: { withinMs: 250, begin: (scene) => sendTo(scene, ["steps"]) },
  approval: { withinMs: 400, begin: (scene) => sendTo(scene, ["approve"]) },
  compaction: {
    withinMs: 400,
    async begin({ gateway, longKey }) {
      const sessionKey = await fork(gateway, longKey);
      gateway.ask("/api/sessions/compact", { sessionKey }).catch(() => {});
    },
  },
  "compaction in a run": {
    withinMs: 500,
    begin: async (scene) => sendTo(scene, ["overflow"], await fork(scene.gateway, scene.longKey)),
  },
  firing: {
    withinMs: 250,
    async begin({ gateway, name }) {
      const at = Date.now() + 1000;
      await addJob(gateway, name, { kind: "at", at: new Date(at).toISOString() });
      await sleep(at - 50 - Date.now());
    },
  },
};

/** Kills a gateway with -9 at random points of its work, each time starts another on the same folder, and looks at what is left. */
export async function killAtRandom(options: { points: number; seed: number }): Promise<KillReport> {
  const random = createRandom(options.seed);
  const bench = await openSurvivalBench({ script: killScript, config: "agent: { approvals: auto }\n" });
  const outbox = createOutbox();
  const report = { points: options.points, byKind: {} as Record<string, number>, readyMs: [] as number[] };
  try {
    writeFileSync(join(bench.workspace, "notes.txt"), "Some notes.\n");
    let gateway = await bench.start();
    const longKey = await newSession(gateway);
    for (let turn = 0; turn < 4; turn++) {
      await gateway.call("/api/sessions/send", { message: `fill ${"words ".repeat(4000)}`, sessionKey: longKey });
    }
    await addJob(gateway, "ticking", { kind: "every", everyMs: 1000 });
    const kinds = Object.keys(KINDS);
    for (let point = 0; point < options.points; point++) {
      const kind = kinds[point % kinds.length]!;
      report.byKind[kind] = (report.byKind[kind] ?? 0) + 1;
      await KINDS[kind]!.begin({ model: bench.model, gateway, outbox, longKey, name: `n${options.seed}x${point}` });
      await sleep(random() * KINDS[kind]!.withinMs);
      await gateway.kill();
      await outbox.settled();
      gateway = await bench.start();
      report.readyMs.push(gateway.startMs);
      await outbox.sendAgain(gateway);
      // Every second kill comes on top of what is being taken up; a third one would be the run's own fault.
      if (point % 2 === 1 || point === options.points - 1) await finishAll(gateway);
    }
    for (const { id } of await jobsOf(gateway))
      await gateway.call("/api/cron/update", { id, patch: { enabled: false } });
    await finishAll(gateway);
    await gateway.stop();
    const found = lookOver(bench.stateDir, outbox.acknowledged(), linesOf(bench));
    return { ...report, ...found, acknowledged: outbox.acknowledged().length };
  } finally {
    await bench.close();
  }
}

async function sendTo({ gateway, outbox, name }: Scene, words: string[], sessionKey?: string): Promise<void> {
  const key = sessionKey ?? (await newSession(gateway));
  await Promise.all(
    words.map((word, at) => outbox.send(gateway, { message: `${word} ${name}m${at}`, sessionKey: key })),
  );
}

async function fork(gateway: GatewayProcess, sessionKey: string): Promise<string> {
  const { session } = (await gateway.call("/api/sessions/fork", { sessionKey })) as { session: { key: string } };
  return session.key;
}

async function addJob(gateway: GatewayProcess, name: string, schedule: object): Promise<void> {
  const payload = { kind: "agentTurn", message: `plain job-${name}` };
  await gateway.call("/api/cron/add", { name, schedule, payload, sessionTarget: "isolated" });
}

async function jobsOf(gateway: GatewayProcess): Promise<{ id: string }[]> {
  return (await gateway.call("/api/cron/list"))["jobs"] as { id: string }[];
}

/** Allows what asks, and waits until no run is left. */
async function finishAll(gateway: GatewayProcess): Promise<void> {
  for (;;) {
    const { approvals } = (await gateway.call("/api/approvals/list")) as { approvals: { id: string }[] };
    for (const { id } of approvals) await gateway.call("/api/approvals/answer", { id, decision: "allow" });
    const { runs } = (await gateway.call("/api/runs/list?states=queued,running&limit=500")) as {
      runs: { runId: string }[];
    };
    if (runs.length === 0) return;
    await gateway.call(`/api/runs/wait?runId=${runs[0]!.runId}&timeoutSeconds=0.2`);
  }
}

function linesOf({ workspace }: SurvivalBench): string[] {
  const path = join(workspace, LEDGER);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

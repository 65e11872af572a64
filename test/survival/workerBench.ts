import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { createSever } from "./sever.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { standStill } from "./standStill.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import type { Script } from "../fakes/modelTurn.ts";

/** One process that works on what runs in its own folder, and leads when nobody else does. */
export interface WorkerProcess {
  name: string;
  folder: string;
  pid: number;
  /** Resolves when it has ended. */
  gone: Promise<void>;
  signal(signal: "SIGKILL" | "SIGCONT"): void;
  /** Stops it, until SIGCONT. */
  standStill(): Promise<void>;
  /** Cuts its connections to a port of this machine, under it. */
  sever(port: number): Promise<void>;
}

/** Several processes over one state folder, and whichever of them leads. */
export interface WorkerBench {
  model: ModelServer;
  stateDir: string;
  /** Resolves when its folder is known to the others, or it leads. */
  start(name: string): Promise<WorkerProcess>;
  /** Asks whoever leads, again as long as nobody answers. */
  call(path: string, body?: unknown, headers?: Record<string, string>): Promise<Record<string, unknown>>;
  /** The process that leads, as soon as it serves and is not `not`. */
  leader(not?: number): Promise<{ pid: number; url: string; token: string }>;
  newSession(folder: string): Promise<string>;
  close(): Promise<void>;
}

const cli = fileURLToPath(new URL("../../dist/cli.mjs", import.meta.url));

export interface WorkerBenchOptions {
  script?: Script;
  config?: string;
  /** Where the state folder is made; beside the folders by default. */
  disk?: string | undefined;
}

export async function openWorkerBench(options: WorkerBenchOptions = {}): Promise<WorkerBench> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "pincer-workers-")));
  const stateDir = join(options.disk ?? root, "home");
  mkdirSync(stateDir);
  writeFileSync(join(stateDir, "openclaw.yml"), options.config ?? "agent: { approvals: auto, sandbox: off }\n");
  const model = await startAnthropicServer(options.script ? { script: options.script } : {});
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    PINCER_HOME: stateDir,
    ANTHROPIC_API_KEY: "sk-ant-workers",
    ANTHROPIC_BASE_URL: model.url,
  };
  const children = new Set<ChildProcess>();

  const leader: WorkerBench["leader"] = async (not) => {
    for (;;) {
      const found = readGatewayFile(stateDir);
      if (found && found.pid !== not && (await isServing(found.url))) return found;
      await sleep(20);
    }
  };

  const call: WorkerBench["call"] = async (path, body, headers = {}) => {
    for (;;) {
      const { url, token } = await leader();
      const answer = await fetch(url + path, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(10_000),
      }).catch(() => undefined);
      const json = (await answer?.json().catch(() => undefined)) as Record<string, unknown> | undefined;
      if (answer?.ok && json) return json;
      if (answer && answer.status !== 503 && answer.status !== 401 && answer.status !== 409)
        throw new Error(`${path}: ${answer.status} ${JSON.stringify(json)}`);
      await sleep(50);
    }
  };

  return {
    model,
    stateDir,
    leader,
    call,
    async start(name) {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      const args = ["--inspect-port=0", cli, "gateway", "--standby", "--port", "0", "--workspace", folder];
      const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
      children.add(child);
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      while (!placesOf(stateDir).includes(folder)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${name} ended with ${child.exitCode}`);
        await sleep(20);
      }
      return {
        name,
        folder,
        pid: child.pid!,
        gone,
        signal: (signal) => void child.kill(signal),
        standStill: () => standStill(child.pid!, stateDir),
        sever: createSever(child),
      };
    },
    async newSession(folder) {
      // A worker that stood still shows life again within a second.
      for (;;) {
        while (!placesOf(stateDir).includes(folder)) await sleep(20);
        const made = await call("/api/sessions/create", { workspace: folder }).catch((error: unknown) => {
          // Its worker ended just then, and is started again.
          if (!String(error).includes("is not one this gateway works in")) throw error;
        });
        if (made) return (made as { session: { key: string } }).session.key;
      }
    },
    async close() {
      const exits = [...children].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await exit;
      });
      await Promise.all(exits);
      await model.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function isServing(url: string): Promise<boolean> {
  return fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** The folders that living workers have. */
function placesOf(stateDir: string): string[] {
  try {
    const db = new DatabaseSync(join(stateDir, "pincer.db"), { readOnly: true });
    try {
      const rows = db.prepare("SELECT places FROM workers WHERE places IS NOT NULL AND expires_at > ?").all(Date.now());
      return rows.flatMap((row) => (JSON.parse(String(row["places"])) as { name: string }[]).map(({ name }) => name));
    } finally {
      db.close();
    }
  } catch {
    // It is only being made.
    return [];
  }
}

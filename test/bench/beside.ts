import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../fakes/freePort.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startGateway } from "./gatewayProcess.ts";
import { cpuMs, residentMb } from "./processFigures.ts";
import type { Figure } from "./run.ts";
import { median } from "./statistics.ts";

const ROUNDS = 60;
const WARM_UP = 5;
const SESSIONS = 10;
const TURNS_EACH = 5;
const TOKEN = "bench-token-0123456789abcdef0123456789abcdef";
const MODEL = "qwen3";

/** One gateway that is asked for a turn by OpenAI's chat completions. */
interface Contestant {
  name: string;
  pid: number;
  /** From spawn to serving. */
  startMs: number;
  send(session: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The real OpenClaw beside Pincer: the same turns, in turn, in front of one model server. PINCER_BENCH_OPENCLAW names the
 * folder in which it is installed; without it there is nothing to measure.
 */
export async function beside(): Promise<Figure[]> {
  const folder = process.env["PINCER_BENCH_OPENCLAW"];
  if (!folder) {
    console.log("beside     not measured: PINCER_BENCH_OPENCLAW names no folder with OpenClaw in it");
    return [];
  }
  const model = await startOpenaiChatServer({ script: () => ({ text: "A short answer." }) });
  const scratch = mkdtempSync(join(tmpdir(), "pincer-beside-"));
  const both = [await startPincer(model, scratch), await startOpenClaw(model, scratch, folder)];
  try {
    const bare = () => ask(`${model.url}/v1`, { model: MODEL, messages: [{ role: "user", content: "hi" }] });
    const idle = both.map(({ pid }) => residentMb(pid));
    for (let round = 0; round < WARM_UP; round++) for (const { send } of both) await send(`warm-${round}`);
    const times: number[][] = [[], []];
    const direct: number[] = [];
    const cpu = [0, 0];
    for (let round = 0; round < ROUNDS; round++)
      for (const [at, { pid, send }] of both.entries()) {
        direct.push(await timed(bare));
        const before = cpuMs(pid);
        times[at]!.push(await timed(() => send(`turn-${round}`)));
        cpu[at]! += cpuMs(pid) - before;
      }
    const rates = [await rate(both[0]!), await rate(both[1]!)];
    const own = times.map((all) => median(all) - median(direct));
    const compare = (what: string, [pincer = NaN, openClaw = NaN]: number[], unit: string): Figure[] => [
      { name: `${what}: Pincer`, value: pincer, unit },
      { name: `${what}: OpenClaw`, value: openClaw, unit },
      // Of what is done in a second more is better.
      { name: `${what}: times as good`, value: unit === "/s" ? pincer / openClaw : openClaw / pincer, unit: "x" },
    ];
    return [
      ...compare(
        "start to serving",
        both.map(({ startMs }) => startMs),
        "ms",
      ),
      ...compare("resident memory, idle", idle, "MB"),
      ...compare("own time of a turn over /v1, median", own, "ms"),
      ...compare(
        "CPU, a turn",
        cpu.map((ms) => ms / ROUNDS),
        "ms",
      ),
      ...compare(`turns a second in ${SESSIONS} sessions`, rates, "/s"),
    ];
  } finally {
    for (const { stop } of both) await stop();
    await model.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function startPincer(model: ModelServer, scratch: string): Promise<Contestant> {
  const [stateDir, workspace] = ["pincer", "pincer-workspace"].map((name) => join(scratch, name)) as [string, string];
  for (const made of [stateDir, workspace]) mkdirSync(made);
  writeFileSync(
    join(stateDir, "openclaw.yml"),
    `model: local/${MODEL}\nproviders: { local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [${MODEL}] } }\n`,
  );
  const { url, token, pid, startMs, stop } = await startGateway({ stateDir, workspace });
  const send = (user: string) => turn(`${url}/v1`, token, "pincer", user);
  return { name: "Pincer", pid, startMs, send, stop };
}

async function startOpenClaw(model: ModelServer, scratch: string, folder: string): Promise<Contestant> {
  const home = join(scratch, "openclaw");
  const port = await freePort();
  mkdirSync(join(home, ".openclaw", "work"), { recursive: true });
  writeFileSync(join(home, ".openclaw", "openclaw.json"), JSON.stringify(openClawConfig(model, home, port)));
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [join(folder, "node_modules/openclaw/openclaw.mjs"), "gateway", "--port", String(port)],
    {
      env: { PATH: process.env["PATH"], HOME: home, OPENCLAW_SKIP_CHANNELS: "1", OPENCLAW_DISABLE_BONJOUR: "1" },
      stdio: "ignore",
    },
  );
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await serves(child, `${url}/health`);
  return {
    name: "OpenClaw",
    pid: child.pid!,
    startMs: performance.now() - began,
    send: (user) => turn(`${url}/v1`, TOKEN, "openclaw/default", user),
    async stop() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function openClawConfig(model: ModelServer, home: string, port: number) {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const served = { id: MODEL, name: MODEL, contextWindow: 200_000, maxTokens: 8000, input: ["text"], reasoning: false };
  return {
    gateway: {
      ...{ mode: "local", port, bind: "loopback", auth: { mode: "token", token: TOKEN } },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    models: {
      mode: "replace",
      providers: {
        mock: {
          ...{ baseUrl: `${model.url}/v1`, apiKey: "none", api: "openai-completions" },
          models: [{ ...served, cost }],
        },
      },
    },
    agents: {
      defaults: {
        model: { primary: `mock/${MODEL}` },
        workspace: join(home, ".openclaw", "work"),
        skipBootstrap: true,
      },
    },
  };
}

async function serves(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`OpenClaw ended with ${child.exitCode} before it served`);
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
}

async function rate({ send, name }: Contestant): Promise<number> {
  const began = performance.now();
  await Promise.all(
    Array.from({ length: SESSIONS }, async (_, session) => {
      for (let round = 0; round < TURNS_EACH; round++) await send(`${name}-${session}`);
    }),
  );
  return (SESSIONS * TURNS_EACH * 1000) / (performance.now() - began);
}

async function turn(url: string, token: string, model: string, user: string): Promise<void> {
  await ask(url, { model, user, messages: [{ role: "user", content: "hi" }] }, token);
}

async function ask(url: string, body: object, token = "none"): Promise<void> {
  const answer = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  await answer.json();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

import { fileURLToPath } from "node:url";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Live } from "./live.ts";

/** The built `pincer gateway` as a process of its own, on a state folder of its own. */
export interface GatewayProcess {
  url: string;
  token: string;
  pid: number;
  /** From spawn to the line that says it serves, in milliseconds. */
  startMs: number;
  stateDir: string;
  /** The answer to a GET, or to a POST of `body`. Rejects with what it says when the status is no success. */
  call(path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** The same, whatever the status. Rejects only when there is no answer. */
  ask(path: string, body?: unknown, headers?: Record<string, string>): Promise<GatewayAnswer>;
  /** What it has in use and open. Only of one that `tellsLive`. */
  live(): Promise<Live>;
  /** Ends it without a warning. Resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface GatewayAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface GatewayProcessOptions {
  env?: Record<string, string>;
  /** Kept when the gateway stops; absent, one is made and removed again. */
  stateDir?: string;
  workspace?: string;
  tellsLive?: boolean;
}

const TELL_LIVE = `--expose-gc --import ${new URL("tellLive.ts", import.meta.url).href}`;

const root = fileURLToPath(new URL("../..", import.meta.url));

// A test that is given up while it waits must not leave gateways behind.
const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Rejects with what it said on stderr when it ends before it serves. */
export async function startGateway(options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const began = performance.now();
  const args = ["gateway", "--port", "0", "--workspace", options.workspace ?? root];
  const child = spawn(process.execPath, [join(root, "dist/cli.mjs"), ...args], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PINCER_HOME: stateDir,
      ...(options.tellsLive ? { NODE_OPTIONS: TELL_LIVE } : {}),
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe", ...(options.tellsLive ? (["ipc"] as const) : [])],
  });
  running.add(child);
  const gone = new Promise<string>((resolve) => child.once("close", (code, signal) => resolve(String(code ?? signal))));
  void gone.then(() => running.delete(child));
  const url = await firstUrl(child, gone);
  const startMs = performance.now() - began;
  const { token } = JSON.parse(readFileSync(join(stateDir, "gateway.json"), "utf8")) as { token: string };
  const ask: GatewayProcess["ask"] = async (path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, headers: answer.headers, body: json };
  };
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return {
    url,
    token,
    pid: child.pid!,
    startMs,
    stateDir,
    ask,
    async call(path, body) {
      const answer = await ask(path, body);
      if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async live() {
      const told = once(child, "message") as Promise<[Live]>;
      child.send("live");
      return (await told)[0];
    },
    kill: () => end("SIGKILL"),
    async stop() {
      await end("SIGTERM");
      if (!options.stateDir) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** The address that a process says it listens on. Rejects with what it said on stderr when it ends before. */
export function firstUrl(child: ChildProcess, gone: Promise<string>): Promise<string> {
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-10_000)));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const url = /listening on (\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
    void gone.then((how) => reject(new Error(`It ended with ${how} before it served: ${said.trim()}`)));
  });
}

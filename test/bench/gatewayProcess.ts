import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The built `pincer gateway` as a process of its own, on a state folder of its own. */
export interface GatewayProcess {
  url: string;
  token: string;
  pid: number;
  /** From spawn to the line that says it serves, in milliseconds. */
  startMs: number;
  stateDir: string;
  call(path: string, body?: unknown): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

const root = new URL("../..", import.meta.url).pathname;

export async function startGateway(
  options: { env?: Record<string, string>; stateDir?: string } = {},
): Promise<GatewayProcess> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, "dist/cli.mjs"), "gateway", "--port", "0", "--workspace", root], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PINCER_HOME: stateDir, ...options.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await firstUrl(child);
  const startMs = performance.now() - began;
  const { token } = JSON.parse(readFileSync(join(stateDir, "gateway.json"), "utf8")) as { token: string };
  return {
    url,
    token,
    pid: child.pid!,
    startMs,
    stateDir,
    async call(path, body) {
      const answer = await fetch(url + path, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const json = (await answer.json()) as Record<string, unknown>;
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(json)}`);
      return json;
    },
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      if (!options.stateDir) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function firstUrl(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /listening on (\S+)/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error("The gateway ended before it served");
}

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findStateDir } from "../../src/config/stateFolder.ts";
import { node } from "../steps/node.mjs";
import { root } from "../steps/process.mjs";

/** A gateway that serves, as the state folder's gateway.json tells. */
export interface Gateway {
  url: string;
  pid: number;
}

export function stateFolder(): string {
  return findStateDir(process.env);
}

/** The gateway that runs on the state folder, if it answers. */
export async function findGateway(): Promise<Gateway | undefined> {
  const gateway = readGateway();
  return gateway && (await isServing(gateway)) ? gateway : undefined;
}

export async function waitForGateway(timeoutMs: number): Promise<Gateway | undefined> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const gateway = await findGateway();
    if (gateway) return gateway;
    await sleep(200);
  }
  return undefined;
}

/** Starts `pincer gateway` for this repository, in a process group that `onGroup` hears of, and resolves when it serves. */
export async function startGateway(
  onGroup: (pid: number) => void,
): Promise<{ gateway: Gateway; stop: () => Promise<void> }> {
  const log = path.join(root, "out/gateway.log");
  mkdirSync(path.dirname(log), { recursive: true });
  const output = openSync(log, "w");
  const child = spawn(node(), ["dist/cli.mjs", "gateway", "--workspace", root], {
    cwd: root,
    stdio: ["ignore", output, output],
    // Ctrl+C reaches the whole group of the terminal; the gateway is stopped once, in order.
    detached: process.platform !== "win32",
  });
  closeSync(output);
  if (child.pid !== undefined) onGroup(child.pid);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 6_000);
    await ended;
    clearTimeout(timer);
  };
  const end = Date.now() + 30_000;
  while (Date.now() < end && child.exitCode === null && child.signalCode === null) {
    const gateway = await findGateway();
    if (gateway) return { gateway, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`The gateway did not start:\n${readFileSync(log, "utf8").trimEnd()}`);
}

/** A line for bash that works as it is. */
export function curlLine({ url }: Gateway, env: NodeJS.ProcessEnv = process.env): string {
  // A certificate of its own making is known to nobody.
  const silent = url.startsWith("https:") ? "-sk" : "-s";
  // A proxy knows nothing of this machine's own address.
  const isProxied = Object.entries(env).some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value);
  const flags = isProxied ? `${silent} --noproxy '*'` : silent;
  return (
    `curl ${flags} ${url}/api/sessions/send -H "Authorization: Bearer $(cat ${shellPath(path.join(findStateDir(env), "token"), env)})" ` +
    `-H 'Content-Type: application/json' -d '{"message":"hi"}'`
  );
}

/** The same for PowerShell, whose own quotes and `curl` are others. */
export function powershellLine({ url }: Gateway): string {
  const token = path.join(stateFolder(), "token").replaceAll("'", "''");
  const unchecked = url.startsWith("https:") ? " -SkipCertificateCheck" : "";
  return (
    `Invoke-RestMethod ${url}/api/sessions/send -Method Post -ContentType application/json${unchecked} ` +
    `-Headers @{ Authorization = "Bearer $((Get-Content -Raw '${token}').Trim())" } -Body '{"message":"hi"}'`
  );
}

function shellPath(file: string, env: NodeJS.ProcessEnv): string {
  // Of one that is empty the shell makes the root.
  const home = env.HOME ? `${env.HOME}/` : undefined;
  const short = home !== undefined && file.startsWith(home) ? `~/${file.slice(home.length)}` : file;
  return /^[\w~./:-]+$/.test(short) ? short : `'${file.replaceAll("'", String.raw`'\''`)}'`;
}

function readGateway(): Gateway | undefined {
  try {
    const { url, pid } = JSON.parse(readFileSync(path.join(stateFolder(), "gateway.json"), "utf8")) as Gateway;
    return { url, pid };
  } catch {
    return undefined;
  }
}

async function isServing({ url, pid }: Gateway): Promise<boolean> {
  try {
    process.kill(pid, 0);
    if (url.startsWith("https:")) return true;
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

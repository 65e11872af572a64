import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { defined } from "../../base/defined.ts";
import { findSystemProgram } from "../../base/findProgram.ts";

export interface PortHolder {
  pid: number;
  name?: string;
}

/** Who listens on a TCP port, as far as the system tells this user; undefined when it does not. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  try {
    if (process.platform === "linux") return await fromProc(port);
    if (process.platform === "darwin") return await fromLsof(port);
    if (process.platform === "win32") return await fromNetstat(port);
  } catch {
    // Only for a better message: what cannot be read is not said.
  }
  return undefined;
}

async function fromProc(port: number): Promise<PortHolder | undefined> {
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const lines = (await readFile(table, "utf8").catch(() => "")).split("\n").slice(1);
    for (const line of lines) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      // 0A is LISTEN.
      if (state === "0A" && inode && parseInt(local?.split(":")[1] ?? "", 16) === port) inodes.add(`socket:[${inode}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // Other users' processes don't show theirs.
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      if (!inodes.has(target)) continue;
      // Its first thread is called what the program likes, as "MainThread".
      const file = await readlink(`/proc/${pid}/exe`).catch(() => "");
      return { pid: Number(pid), ...defined({ name: basename(file).replace(/ \(deleted\)$/, "") || undefined }) };
    }
  }
  return undefined;
}

async function fromLsof(port: number): Promise<PortHolder | undefined> {
  const said = await run("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
  const pid = Number(/^p(\d+)/m.exec(said)?.[1]);
  const name = /^c(.+)/m.exec(said)?.[1];
  return pid > 0 ? { pid, ...defined({ name: name || undefined }) } : undefined;
}

async function fromNetstat(port: number): Promise<PortHolder | undefined> {
  const pid = listenerIn(await run("netstat", ["-ano"]), port);
  if (pid === undefined) return undefined;
  const name = /^"([^"]+)","\d/m.exec(await run("tasklist", ["/fi", `PID eq ${pid}`, "/fo", "csv", "/nh"]))?.[1];
  return { pid, ...defined({ name }) };
}

/** Which process listens on a port, by what Windows' netstat says, which names the state in the user's language. */
export function listenerIn(netstat: string, port: number): number | undefined {
  for (const line of netstat.split("\n")) {
    const [, local, pid] = /^\s*TCP\s+\S*:(\d+)\s+(?:0\.0\.0\.0|\[::\]):0\s.*?(\d+)\s*$/.exec(line) ?? [];
    if (Number(local) === port && Number(pid) > 0) return Number(pid);
  }
  return undefined;
}

function run(name: string, args: string[]): Promise<string> {
  const file = findSystemProgram(name);
  return new Promise((resolve) => {
    if (file === undefined) return resolve("");
    execFile(file, args, { timeout: 2000, windowsHide: true }, (_, stdout) => resolve(stdout));
  });
}

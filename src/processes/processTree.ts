import { readdirSync, readFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { findSystemProgram } from "../base/findProgram.ts";
import { endWindowsTree } from "./windowsTree.ts";

const PATIENCE_MS = 1000;

/**
 * Ends a process group and all descendants of its leader, those in groups of their own included: politely, and by force
 * when that did not help within a second. `gone` tells that the leader has ended. Resolves with the command lines of what
 * could not be ended.
 */
export async function endTree(leader: number, gone: Promise<unknown>): Promise<string[]> {
  if (process.platform === "win32") return await endWindowsTree(leader);
  // Looked up before anything is ended: an orphan no longer shows whose it was.
  const strays = new Set(await findStrays(leader));
  signalAll(leader, strays, "SIGTERM");
  await Promise.race([gone, pause(PATIENCE_MS)]);
  for (const pid of await findStrays(leader)) strays.add(pid);
  signalAll(leader, strays, "SIGKILL");
  return [];
}

/** Ends at once what is left in a group whose leader has ended. */
export function endGroup(leader: number): void {
  if (process.platform !== "win32") send(-leader, "SIGKILL");
}

/** The command lines of a group whose leader has ended, those aside that have ended too; [] on Windows, where there are no groups. */
export async function groupMembers(leader: number): Promise<string[]> {
  if (!hasGroup(leader)) return [];
  if (process.platform === "linux") return linuxMembers(leader);
  const table = (await run("ps", ["-A", "-o", "pgid=,stat=,args="])).split("\n");
  return table.flatMap((line) => {
    const [, group, state = "Z", command = ""] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return Number(group) === leader && !state.startsWith("Z") ? [command] : [];
  });
}

/** Whether anything is left in a group, those included that ended and were not collected. */
function hasGroup(leader: number): boolean {
  if (process.platform === "win32") return false;
  try {
    process.kill(-leader, 0);
    return true;
  } catch (error) {
    // Of another user by now, as after sudo.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// Without a program, which would take longer than most commands; and only what was started after the leader.
function linuxMembers(leader: number): string[] {
  const younger = readdirSync("/proc").filter((name) => Number(name) > leader);
  return younger.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(group) !== leader || state === "Z" || state === "X") return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      // Who is about to end has none any more.
      return command === "" ? [] : [command];
    } catch {
      // Gone meanwhile.
      return [];
    }
  });
}

function signalAll(leader: number, strays: Iterable<number>, signal: NodeJS.Signals): void {
  send(-leader, signal);
  for (const pid of strays) {
    send(-pid, signal);
    send(pid, signal);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone already, or never a group.
  }
}

/** Descendants of a process that are in another group. */
async function findStrays(leader: number): Promise<number[]> {
  const table = (await run("ps", ["-A", "-o", "pid=,ppid=,pgid="])).trim().split("\n");
  const rows = table.map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([leader]);
  // Members of the group count as family even when their parent is gone.
  for (const [pid, , group] of rows) if (group === leader) family.add(pid!);
  for (let grew = true; grew;) {
    grew = false;
    for (const [pid, parent] of rows) {
      if (pid === undefined || parent === undefined || family.has(pid) || !family.has(parent)) continue;
      family.add(pid);
      grew = true;
    }
  }
  return rows.filter(([pid, , group]) => family.has(pid!) && group !== leader).map(([pid]) => pid!);
}

function run(name: string, args: string[]): Promise<string> {
  const file = findSystemProgram(name);
  return new Promise((resolve) => {
    if (file === undefined) return resolve("");
    execFile(file, args, { timeout: 1000, windowsHide: true }, (_, stdout) => resolve(stdout));
  });
}

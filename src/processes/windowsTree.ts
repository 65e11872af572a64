import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { findSystemProgram } from "../base/findProgram.ts";
import { isAlive } from "../base/isAlive.ts";
import { findShell } from "./systemShell.ts";

interface ProcessRow {
  pid: number;
  parent: number;
  /** Its command line, or its name when that may not be read. */
  command: string;
}

/** What Windows offers to end processes by. */
export interface WindowsProcesses {
  /** Ends a process and what it has started; may fail, or take longer than it has. */
  killTree(pid: number): Promise<void>;
  /** At once and without its children; never throws. */
  kill(pid: number): void;
  /** All that run; undefined when they cannot be listed. */
  list(): Promise<ProcessRow[] | undefined>;
}

const ROUNDS = 3;
const PAUSE_MS = 150;

/**
 * Ends a process and all its descendants, and looks whether they are gone. There is no way to ask politely there. Resolves
 * with the command lines of what is still running after some rounds; a parent that has ended is still named by its children.
 */
export async function endWindowsTree(
  leader: number,
  processes: WindowsProcesses = windowsProcesses,
): Promise<string[]> {
  const [before] = await Promise.all([processes.list(), processes.killTree(leader)]);
  const family = new Set([leader]);
  grow(family, before ?? []);
  // However that went: this one is known.
  processes.kill(leader);
  let left: ProcessRow[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = await processes.list();
    if (!rows) return isAlive(leader) ? [`process ${leader}`] : [];
    grow(family, rows);
    left = rows.filter(({ pid }) => family.has(pid));
    if (left.length === 0) return [];
    for (const { pid } of left) processes.kill(pid);
    await wait(PAUSE_MS);
  }
  const now = new Set((await processes.list())?.map(({ pid }) => pid));
  return left.filter(({ pid }) => now.has(pid)).map(({ command }) => command);
}

/** Takes in all whose parent is in already. */
function grow(family: Set<number>, rows: ProcessRow[]): void {
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of rows) if (family.has(parent) && pid !== parent) family.add(pid);
  }
}

const windowsProcesses: WindowsProcesses = {
  async killTree(pid) {
    await run(findSystemProgram("taskkill"), ["/pid", String(pid), "/T", "/F"]);
  },
  kill(pid) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already, or not ours to end: the list says which.
    }
  },
  async list() {
    const [file, ...args] = windowsListing();
    if (file === undefined) return undefined;
    const said = await run(file, args);
    const rows = said.split("\n").flatMap((line) => {
      const [, pid, parent, command] = /^(\d+) (\d+) (.*)$/.exec(line.trim()) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command! }];
    });
    return rows.length > 0 ? rows : undefined;
  },
};

/** What prints each process as "pid parent command"; [] where nothing does. */
export function windowsListing(): string[] {
  const { kind, file } = findShell();
  return kind === "powershell" ? [file, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", LISTING] : [];
}

const LISTING =
  'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $(if ($_.CommandLine) { $_.CommandLine } else { $_.Name })" }';

function run(file: string | undefined, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    if (file === undefined) return resolve("");
    execFile(file, args, { timeout: 3000, windowsHide: true }, (_, stdout) => resolve(stdout));
  });
}

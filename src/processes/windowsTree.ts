import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { findSystemProgram } from "../base/findProgram.ts";
import { isAlive } from "../base/isAlive.ts";
import { findShell } from "./systemShell.ts";

interface ProcessRow {
  pid: number;
  parent: number;
  /** When it began, in milliseconds since 1970; 0 when that may not be read. */
  began: number;
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
 * with the command lines of what is still running after some rounds; a parent that has ended is still named by its children,
 * and so is one that had the same id long before: whoever is older than its parent is no child of it.
 */
export async function endWindowsTree(
  leader: number,
  processes: WindowsProcesses = windowsProcesses,
): Promise<string[]> {
  const [before] = await Promise.all([processes.list(), processes.killTree(leader)]);
  const family: Family = new Map([[leader, 0]]);
  grow(family, before ?? []);
  // However that went: this one is known.
  processes.kill(leader);
  let left: ProcessRow[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = await processes.list();
    if (!rows) return isAlive(leader) ? [`process ${leader}`] : [];
    grow(family, rows);
    left = rows.filter(({ pid, began }) => family.get(pid) === began);
    if (left.length === 0) return [];
    for (const { pid } of left) processes.kill(pid);
    await wait(PAUSE_MS);
  }
  const now = new Map((await processes.list())?.map(({ pid, began }) => [pid, began]));
  return left.filter(({ pid, began }) => now.get(pid) === began).map(({ command }) => command);
}

/** Ids, and when those processes began. */
type Family = Map<number, number>;

/** Takes in all whose parent is in already, and older. */
function grow(family: Family, rows: ProcessRow[]): void {
  for (const { pid, began } of rows) if (family.get(pid) === 0) family.set(pid, began);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent, began } of rows) {
      const since = family.get(parent);
      if (since !== undefined && began >= since && !family.has(pid)) family.set(pid, began);
    }
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
      const [, pid, parent, began, command] = /^(\d+) (\d+) (\d+) (.*)$/.exec(line.trim()) ?? [];
      return pid === undefined
        ? []
        : [{ pid: Number(pid), parent: Number(parent), began: Number(began), command: command! }];
    });
    return rows.length > 0 ? rows : undefined;
  },
};

/** What prints each process as "pid parent began command"; [] where nothing does. */
export function windowsListing(): string[] {
  const { kind, file } = findShell();
  return kind === "powershell" ? [file, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", LISTING] : [];
}

const LISTING =
  'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) ' +
  "$(if ($_.CreationDate) { ([DateTimeOffset]$_.CreationDate).ToUnixTimeMilliseconds() } else { 0 }) " +
  '$(if ($_.CommandLine) { $_.CommandLine } else { $_.Name })" }';

function run(file: string | undefined, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    if (file === undefined) return resolve("");
    execFile(file, args, { timeout: 3000, windowsHide: true }, (_, stdout) => resolve(stdout));
  });
}

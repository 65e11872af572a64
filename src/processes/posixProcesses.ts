import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { findSystemProgram } from "../base/findProgram.ts";

/** One that runs; what has ended and waits to be collected is none. */
export interface PosixProcess {
  pid: number;
  parent: number;
  group: number;
  /** When it began, in ticks since the machine did; 0 where that is not told. Numbers are given anew in time. */
  began: number;
  /** What its program is called. */
  name: string;
  /** Its command line; "" of one that is about to end. */
  command(): string;
}

const MOST_LISTED = 16 * 1024 * 1024;

/** All that run; undefined when they cannot be listed. */
export async function listPosixProcesses(): Promise<PosixProcess[] | undefined> {
  if (process.platform !== "linux") return await listByPs();
  try {
    return listLinuxProcesses();
  } catch {
    return undefined;
  }
}

/** Without a program, which would take longer than most commands, and may not be started where a machine is full. */
function listLinuxProcesses(): PosixProcess[] {
  return readdirSync("/proc").flatMap((name) => (/^\d/.test(name) ? (linuxProcess(Number(name)) ?? []) : []));
}

/** One process; undefined when it is gone. */
export function linuxProcess(pid: number): PosixProcess | undefined {
  const stat = readProc(pid, "stat");
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  const [state = "", parent, group] = fields;
  if (nameEnd < 0 || /[ZX]/.test(state)) return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    began: Number(fields[19]),
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
    command: () => commandLine(pid),
  };
}

/** Whether it is the first process of a namespace of its own. */
export function isFirstOfNamespace(pid: number): boolean {
  const [, numbers = ""] = /^NSpid:\s+(.*)$/m.exec(readProc(pid, "status")) ?? [];
  return /\s1$/.test(numbers);
}

function commandLine(pid: number): string {
  try {
    return readProc(pid, "cmdline").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** "" for one that is gone. Throws where no more files can be opened: nothing is known of it then. */
function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch (error) {
    if (/^E[MN]FILE$/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    return "";
  }
}

async function listByPs(): Promise<PosixProcess[] | undefined> {
  const table = await runPs(["-A", "-o", "pid=,ppid=,pgid=,stat=,args="]);
  return table?.split("\n").flatMap((line) => {
    const [, pid, parent, group, state = "Z", args = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    if (state.startsWith("Z")) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      began: 0,
      name: args.split(" ", 1)[0]!,
      command: () => args,
    };
  });
}

function runPs(args: string[]): Promise<string | undefined> {
  const file = findSystemProgram("ps");
  return new Promise((resolve) => {
    if (file === undefined) return resolve(undefined);
    execFile(file, args, { timeout: 1000, windowsHide: true, maxBuffer: MOST_LISTED }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
}

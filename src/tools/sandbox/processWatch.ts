import { readdirSync, readFileSync } from "node:fs";
import { type Disposable, toDisposable } from "../../base/disposable.ts";

/** Of one command at once. A build of many parts has some hundred. */
export const MAX_PROCESSES = 1000;

const LOOK_MS = 100;

interface Watched {
  pid: number;
  tooMany(): void;
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
let fewest = Number.POSITIVE_INFINITY;

/**
 * Ends a command in a namespace of processes of its own, given by the pid of its bwrap, once it has more than MAX_PROCESSES:
 * a bomb of forks takes a machine within seconds. Says so before.
 */
export function watchProcesses(pid: number, tooMany: () => void): Disposable {
  const one = { pid, tooMany };
  watched.add(one);
  fewest = Math.min(fewest, runningInAll() ?? 0);
  timer ??= setInterval(look, LOOK_MS).unref();
  return toDisposable(() => {
    watched.delete(one);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    fewest = Number.POSITIVE_INFINITY;
  });
}

/** The count of all that runs on the machine costs nothing; only when it has grown so much are those of each command counted. */
function look(): void {
  const all = runningInAll();
  fewest = Math.min(fewest, all ?? 0);
  if (all !== undefined && all - fewest < MAX_PROCESSES / 2) return;
  for (const { pid, tooMany } of watched) {
    if (runningIn(pid) <= MAX_PROCESSES) continue;
    tooMany();
    // All in the namespace go with its first process, which goes with this one; none of them can start another.
    kill(pid);
  }
}

/** Threads of the whole machine. */
function runningInAll(): number | undefined {
  const found = /\/(\d+) /.exec(read("/proc/loadavg"));
  return found ? Number(found[1]) : undefined;
}

/**
 * Processes in the namespace whose first one is the child of `pid`; 0 when it is gone or may not be looked at, and until it has started
 * something: before that it may still see all of the machine.
 */
export function runningIn(pid: number): number {
  const first = childOf(pid);
  if (first === undefined || childOf(first) === undefined) return 0;
  try {
    return readdirSync(`/proc/${first}/root/proc`).filter((name) => /^\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}

/** The first process of a namespace is the child of the bwrap that made it; of a process that has none: undefined. */
export function childOf(pid: number | string): string | undefined {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(" ")[0] || undefined;
}

/** "" for what is not there. */
export function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** With all that is in its namespace. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

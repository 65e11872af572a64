import { setTimeout as wait } from "node:timers/promises";
import { isFirstOfNamespace, linuxProcess, listPosixProcesses, type PosixProcess } from "./posixProcesses.ts";

const LOOK_MS = 2;
const INIT = "bwrap";

/**
 * Resolves when of a sandbox of bubblewrap, whose own program began at `since` and has ended, the first process within is gone too: the
 * kernel lets it go when nothing else is left there, which on a busy machine is a while later. After `mostMs` whatever is there.
 */
export async function namespaceEnd(since: number, mostMs: number): Promise<void> {
  const ending = endingFirsts((await listPosixProcesses()) ?? [], since);
  for (const end = performance.now() + mostMs; performance.now() < end && ending.some(isEnding);) await wait(LOOK_MS);
}

/**
 * The first processes without the program that made them, of those that began no earlier: an older one may be stuck. The programs of other
 * sandboxes are called the same, and have a parent that is none.
 */
export function endingFirsts(rows: PosixProcess[], since: number, isFirst = isOrphan): PosixProcess[] {
  const inits = rows.filter(({ name }) => name === INIT);
  const pids = new Set(inits.map(({ pid }) => pid));
  return inits.filter((row) => row.began >= since && !pids.has(row.parent) && isFirst(row));
}

function isOrphan({ pid, parent }: PosixProcess): boolean {
  try {
    return parent === 1 || isFirstOfNamespace(pid);
  } catch {
    return false;
  }
}

/** Looked at anew: while the list was made, the program of another may not have been called that yet. */
function isEnding({ pid, began }: PosixProcess): boolean {
  try {
    const now = linuxProcess(pid);
    return now?.began === began && linuxProcess(now.parent)?.name !== INIT;
  } catch {
    return false;
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const LOOK_MS = 2;
const INIT = "(bwrap)";

/**
 * Resolves when of a sandbox of bubblewrap, whose own program has ended, the first process within is gone too: the kernel lets it go when
 * nothing else is left there, which on a busy machine is a while later. After `mostMs` whatever is there.
 */
export async function namespaceEnd(program: number, mostMs: number): Promise<void> {
  for (const end = performance.now() + mostMs; performance.now() < end && isEnding(program);) await wait(LOOK_MS);
}

/** Whether there is a first process without the program that made it, of those that began after this one. */
function isEnding(program: number): boolean {
  return readdirSync("/proc").some((pid) => {
    if (!(Number(pid) > program)) return false;
    const [name, state, parent] = readStat(pid);
    return name === INIT && !/[ZX]/.test(state) && readStat(parent)[0] !== INIT;
  });
}

function readStat(pid: string): [name: string, state: string, parent: string] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const end = stat.lastIndexOf(")") + 1;
    const [state = "X", parent = "0"] = stat.slice(end + 1).split(" ");
    return [stat.slice(stat.indexOf("("), end), state, parent];
  } catch {
    // Gone meanwhile.
    return ["", "X", "0"];
  }
}

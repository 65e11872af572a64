import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const BUSY = 5;

/** Stops a process between its writes: one that stands still within a write holds the store's lock, and nobody can do anything. SIGCONT lets it go on. */
export async function standStill(pid: number, stateDir: string): Promise<void> {
  while (tell(pid, "SIGSTOP")) {
    while (!isStopped(pid)) await sleep(5);
    if (!isLocked(join(stateDir, "pincer.db"))) return;
    tell(pid, "SIGCONT");
    await sleep(20);
  }
}

/** False where it has ended. */
function tell(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Each of its threads stands still, or it has ended; the letter stands after the name, which may hold anything. */
function isStopped(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) => /\) [TZX] /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")));
  } catch {
    return !tell(pid, 0);
  }
}

function isLocked(file: string): boolean {
  const db = new DatabaseSync(file, { timeout: 200 });
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
    return false;
  } catch (error) {
    return (error as { errcode?: number }).errcode === BUSY;
  } finally {
    db.close();
  }
}

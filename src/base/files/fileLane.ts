import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../appError.ts";
import { fileFault } from "./fileFault.ts";

/** How long is waited for others who change a file. */
export interface LanePatience {
  /** 8000 when not given. */
  ms?: number;
}

const PAUSE_MS = 15;

// Above all that a change waits for by itself: a lock this old is of a process that is gone.
const STALE_MS = 6000;

/**
 * Reads, changes and writes a file while no other process, and nothing else of this one, does the same in its lane: a lock
 * file beside it says so. One that was left behind by a process that is gone counts for six seconds. Rejects with
 * `unavailable` when the file cannot be had.
 */
export async function fileLane<T>(path: string, work: () => T | Promise<T>, patience: LanePatience = {}): Promise<T> {
  const lock = `${path}.lock`;
  const own = await takeLock(lock, path, patience.ms ?? 8000);
  try {
    return await work();
  } finally {
    // Who was stopped for long, as a machine that slept, may find another's there.
    const now = await readFile(lock, "utf8").catch((error: NodeJS.ErrnoException) => error.code !== "ENOENT" && own);
    if (now === own) await rm(lock, { force: true });
  }
}

async function takeLock(lock: string, path: string, ms: number): Promise<string> {
  const until = performance.now() + ms;
  for (;;) {
    const own = await made(lock, path);
    if (own !== undefined) return own;
    if (performance.now() > until)
      throw new AppError(
        "unavailable",
        `${path} was being changed by another process for ${ms / 1000} s; if none is, remove ${lock}`,
      );
    await dropStale(lock);
    await wait(PAUSE_MS * (0.5 + Math.random()));
  }
}

/** What is written in the lock, for file systems use the number of a file again; undefined when another has it. */
async function made(lock: string, path: string): Promise<string | undefined> {
  try {
    await using file = await open(lock, "wx", 0o600);
    const own = randomBytes(12).toString("hex");
    await file.writeFile(own).catch(async (error: unknown) => {
      // On a full disk nobody else is to wait for it.
      await rm(lock, { force: true });
      throw error;
    });
    return own;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Windows says the others of one that is just being removed.
    if (code === "EEXIST" || (process.platform === "win32" && (code === "EPERM" || code === "EBUSY"))) return undefined;
    if (code !== "ENOENT") throw fileFault(error, path, "written");
    await mkdir(dirname(lock), { recursive: true, mode: 0o700 });
    return undefined;
  }
}

async function dropStale(lock: string): Promise<void> {
  const before = await stat(lock).catch(() => undefined);
  if (!before || Date.now() - before.mtimeMs < STALE_MS) return;
  // Moved before it is removed: if it is another one by now, somebody has it, and gets it back.
  const aside = `${lock}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(lock, aside);
    const moved = await stat(aside);
    if (moved.ino !== before.ino || moved.mtimeMs !== before.mtimeMs) await link(aside, lock).catch(() => {});
    await rm(aside, { force: true });
  } catch {
    // Another one was quicker.
  }
}

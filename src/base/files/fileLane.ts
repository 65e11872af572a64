import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../appError.ts";
import { isAlive } from "../isAlive.ts";
import { pidSpace } from "../pidSpace.ts";
import { fileFault } from "./fileFault.ts";
import { makeFolders } from "./makeFolders.ts";
import { realPath } from "./realPath.ts";

/** How long is waited for others who change a file. */
export interface LanePatience {
  /** 8000 when not given. */
  ms?: number;
  /** How long the same lock is looked at before it counts as left behind; 6000 when not given. */
  staleMs?: number;
}

const PAUSE_MS = 15;

// Above all that a change waits for by itself: who has a lock for longer is gone, or stands still.
const STALE_MS = 6000;

const LEAST_TRIES = 3;

/** Rejects when another process has the lane by now, as after this one stood still. To be asked right before the file is replaced. */
export type LaneFence = () => Promise<void>;

class LaneLost extends Error {}

/**
 * Reads, changes and writes a file while no other process, and nothing else of this one, does the same in its lane: a lock
 * file beside it says so. One whose process is gone counts for nothing, and any that was looked at for six seconds: no clock
 * of the wall is asked, which goes on while a machine sleeps. Whoever loses the lane begins its work again. Rejects with
 * `unavailable` when the file cannot be had.
 */
export async function fileLane<T>(
  path: string,
  work: (fence: LaneFence) => T | Promise<T>,
  patience: LanePatience = {},
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inLane(path, work, patience);
    } catch (error) {
      if (!(error instanceof LaneLost) || tries >= LEAST_TRIES) throw error;
    }
  }
}

async function inLane<T>(path: string, work: (fence: LaneFence) => T | Promise<T>, patience: LanePatience): Promise<T> {
  // Beside the file itself: whoever names it by another link is to find it.
  const lock = `${realPath(path)}.lock`;
  const own = await takeLock(lock, path, patience);
  const isOurs = async () => {
    try {
      return (await readFile(lock, "utf8")) === own;
    } catch (error) {
      // One that cannot be read now, as Windows says of a file that is just being looked at, is still there.
      return (error as NodeJS.ErrnoException).code !== "ENOENT";
    }
  };
  try {
    return await work(async () => {
      if (!(await isOurs())) throw new LaneLost(`${path} is being changed by another process`);
    });
  } finally {
    // Who stood still may find another's there.
    if (await isOurs()) await rm(lock, { force: true });
  }
}

async function takeLock(lock: string, path: string, { ms = 8000, staleMs = STALE_MS }: LanePatience): Promise<string> {
  const until = performance.now() + ms;
  let seen: { text: string | undefined; since: number } | undefined;
  for (;;) {
    const own = await made(lock, path);
    if (own !== undefined) return own;
    const now = performance.now();
    if (now > until)
      throw new AppError(
        "unavailable",
        `${path} was being changed by another process for ${ms / 1000} s; if none is, remove ${lock}`,
      );
    const text = await readFile(lock, "utf8").catch(() => undefined);
    if (seen?.text !== text) seen = undefined;
    seen ??= { text, since: now };
    if (text !== undefined && (isLeft(text) || now - seen.since > staleMs)) await dropLock(lock, text);
    await wait(PAUSE_MS * (0.5 + Math.random()));
  }
}

/** Whether its process has ended, as far as that can be known. */
function isLeft(text: string): boolean {
  const [, pid, space] = /^\w+ (\d+) (.+)$/.exec(text) ?? [];
  return space !== undefined && space === pidSpace() && !isAlive(Number(pid));
}

/** What is written in the lock, the same of no two; undefined when another has it. */
async function made(lock: string, path: string): Promise<string | undefined> {
  try {
    await using file = await open(lock, "wx", 0o600);
    const own = `${randomBytes(12).toString("hex")} ${process.pid} ${pidSpace()}`;
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
    await makeFolders(dirname(lock), 0o700);
    return undefined;
  }
}

async function dropLock(lock: string, text: string): Promise<void> {
  // Moved before it is removed: if it is another one by now, somebody has it, and gets it back.
  const aside = `${lock}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(lock, aside);
    if ((await readFile(aside, "utf8")) !== text) await link(aside, lock).catch(() => {});
    await rm(aside, { force: true });
  } catch {
    // Another one was quicker.
  }
}

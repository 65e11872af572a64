import { copyFileSync, existsSync, linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Clock, isoTime } from "../../../base/clock.ts";
import { describeError, type Log } from "../../../base/log.ts";
import { createDatabase } from "../database.ts";
import { isDamage } from "../failure.ts";
import type { Sqlite } from "../loadSqlite.ts";
import { lossLines } from "./losses.ts";
import { mendHeader } from "./mendHeader.ts";
import { hasSchema, mendSchema } from "./mendSchema.ts";
import { openConnection } from "../openConnection.ts";
import { salvage } from "./salvage.ts";

/**
 * Puts a new store with all that could be read in the place of a damaged one, which is kept beside it as
 * `NAME.damaged-TIME`. Does nothing when another process has done so meanwhile.
 */
export function repair(options: { sqlite: Sqlite; path: string; clock: Clock; log: Log }): void {
  const { sqlite, path, clock, log } = options;
  const lockPath = `${path}.repair`;
  const lock = new sqlite.DatabaseSync(lockPath);
  try {
    // SQLite's lock goes with the process, so that one killed here leaves nothing to clean up.
    lock.exec("PRAGMA busy_timeout = 60000; BEGIN EXCLUSIVE");
    const cause = damageOf(sqlite, path);
    if (cause === undefined) return;

    const { saved, losses } = copyReadable(sqlite, path);
    const lost = lossLines(losses);
    const aside = keepAside(path, clock, lost);
    putInPlace(path, aside);
    rmSync(`${path}.suspect`, { force: true });
    log.error("The store was damaged: what could be read is in a new one, and the damaged one is kept", {
      keptAs: aside,
      saved,
      lost: lost.join("; "),
      cause: describeError(cause),
    });
  } finally {
    lock.close();
  }
  rmSync(lockPath, { force: true });
}

function damageOf(sqlite: Sqlite, path: string): unknown {
  try {
    openConnection(sqlite, path).close();
    return undefined;
  } catch (error) {
    if (isDamage(error)) return error;
    throw error;
  }
}

function copyReadable(sqlite: Sqlite, path: string): ReturnType<typeof salvage> {
  const fresh = freshPath(path);
  for (const suffix of ["", "-wal", "-shm"]) rmSync(fresh + suffix, { force: true });
  const target = createDatabase(openConnection(sqlite, fresh), fresh, () => {});
  const headed = mendHeader(path, mendedPath(path));
  const mended = hasSchema(sqlite, headed ? mendedPath(path) : path)
    ? headed
    : mendSchema(sqlite, { path, copy: mendedPath(path), target });
  // Read-only, so that closing it does not write its log into it: it is kept as it was found.
  const damaged = new sqlite.DatabaseSync(mended ? mendedPath(path) : path, { readOnly: true, defensive: false });
  try {
    // Lets SQLite read a file that is shorter than its header says.
    damaged.exec("PRAGMA writable_schema = ON");
    return salvage(damaged, target);
  } finally {
    damaged.close();
    mended?.remove();
    target.close();
  }
}

/** What takes room comes before anything is moved: where there is none, all is as it was. */
function keepAside(path: string, clock: Clock, lost: string[]): string {
  const aside = freeName(`${path}.damaged-${isoTime(clock.now()).replaceAll(/[:.]/g, "-")}`);
  try {
    linkOrCopy(path, aside);
    // Beside it, for whoever asks later.
    writeFileSync(`${aside}.lost.txt`, `${lost.join("\n")}\n`, { mode: 0o600 });
  } catch (error) {
    // The next one keeps it under a name of its own: they would pile up, and none of them has a log.
    rmSync(aside, { force: true });
    throw error;
  }
  return aside;
}

function linkOrCopy(path: string, aside: string): void {
  try {
    linkSync(path, aside);
  } catch {
    // Not every file system has links.
    copyFileSync(path, aside);
  }
}

// The log goes first: one that lay beside the new file would be taken for its own. The file itself stays in its
// place until the new one takes it, so that a kill at any point leaves a store to repair.
function putInPlace(path: string, aside: string): void {
  const moved = ["-wal", "-shm"].filter((suffix) => existsSync(path + suffix));
  try {
    for (const suffix of moved) renameSync(path + suffix, aside + suffix);
    renameSync(freshPath(path), path);
  } catch (error) {
    // Without its log the damaged store would be an older one.
    for (const suffix of moved) if (existsSync(aside + suffix)) renameSync(aside + suffix, path + suffix);
    for (const suffix of ["", ".lost.txt"]) rmSync(aside + suffix, { force: true });
    throw error;
  }
}

function freeName(name: string): string {
  let free = name;
  for (let n = 2; existsSync(free); n++) free = `${name}-${n}`;
  return free;
}

function mendedPath(path: string): string {
  return `${path}.mended`;
}

function freshPath(path: string): string {
  return `${path}.fresh`;
}

import { closeSync, openSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { newId } from "../../../base/id.ts";
import { describeError, type Log } from "../../../base/log.ts";
import type { Sqlite } from "../loadSqlite.ts";
import { STORE_VERSION } from "../migrate.ts";
import { besideLoop } from "./besideLoop.ts";

const KEPT = 2;
// Making one anew takes the write lock: about a second for one as large as this.
const LARGEST_REMADE = 64 * 1024 * 1024;
// What nobody has written for so long was left by a process that was killed.
const LEFT_MS = 3_600_000;
const WHOLE = /^\d+$/;
const PARTIAL = /^\d+\.partial(_\w+)?$/;

/**
 * Keeps a copy of a store that an earlier Pincer wrote, as `NAME.version-N`, before it is brought to this one's version;
 * the newest two stay. Also lets a store that cannot shrink do so from here on, where it is not large. What fails is told
 * in the log, and holds nothing up: bringing it to this version is one transaction.
 */
export async function backUpEarlier(sqlite: Sqlite, path: string, log: Log): Promise<void> {
  const version = earlierVersion(sqlite, path);
  if (version === undefined) return;
  const copy = `${path}.version-${version}`;
  // Of several processes that start at once, each has its own.
  const partial = `${copy}.${newId("partial")}`;
  try {
    // SQLite writes into a file that is empty, and leaves its rights as they are.
    closeSync(openSync(partial, "wx", 0o600));
    await besideLoop(path, [{ sql: "VACUUM INTO ?", values: [partial] }]);
    if (earlierVersion(sqlite, partial) === version) {
      renameSync(partial, copy);
      log.info("The store was copied before it is brought to this version of Pincer", { copy, version });
    } else log.info("Another process has copied the store and brought it to this version of Pincer", { version });
    dropOlder(path);
  } catch (error) {
    log.warn("The store could not be copied before it is brought to this version of Pincer", {
      error: describeError(error),
    });
  } finally {
    rmSync(partial, { force: true });
  }
  await letShrink(path, log);
}

/** Undefined for what is new, is of this version or a later one, or cannot be read. */
function earlierVersion(sqlite: Sqlite, path: string): number | undefined {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return undefined;
  try {
    // Read-only, so that closing it writes no log into what may be damaged.
    const connection = new sqlite.DatabaseSync(path, { readOnly: true });
    try {
      const version = Number(connection.prepare("PRAGMA user_version").get()?.user_version);
      return version > 0 && version < STORE_VERSION ? version : undefined;
    } finally {
      connection.close();
    }
  } catch {
    return undefined;
  }
}

function dropOlder(path: string): void {
  const name = `${basename(path)}.version-`;
  const files = readdirSync(dirname(path))
    .filter((file) => file.startsWith(name))
    .flatMap((file) => {
      const [place, suffix] = [join(dirname(path), file), file.slice(name.length)];
      // Another process's may be gone by now.
      const writtenAt = statSync(place, { throwIfNoEntry: false })?.mtimeMs;
      return writtenAt === undefined ? [] : [{ place, writtenAt, suffix }];
    })
    .toSorted((a, b) => b.writtenAt - a.writtenAt);
  const older = files.filter(({ suffix }) => WHOLE.test(suffix)).slice(KEPT);
  const left = files.filter(({ suffix, writtenAt }) => PARTIAL.test(suffix) && writtenAt < Date.now() - LEFT_MS);
  for (const { place } of [...older, ...left]) rmSync(place, { force: true });
}

async function letShrink(path: string, log: Log): Promise<void> {
  if (statSync(path).size > LARGEST_REMADE) return;
  try {
    const [mode] = await besideLoop(path, [{ sql: "PRAGMA auto_vacuum" }]);
    if (mode?.[0] === "0") await besideLoop(path, [{ sql: "PRAGMA auto_vacuum = INCREMENTAL" }, { sql: "VACUUM" }]);
  } catch (error) {
    // Another process is at it: it only goes on without shrinking.
    log.debug("The store goes on without giving free space back", { error: describeError(error) });
  }
}

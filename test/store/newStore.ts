import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from "../../src/store/sqlite/sqliteStore.ts";

let made: Promise<Buffer> | undefined;

/**
 * Opens a store as openSqliteStore does; where there is none, over a copy of one that was made once: every version of its
 * schema after the other is five times the work of a copy. How one is made is for the store's own tests.
 */
export async function openNewStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  made ??= makeStore();
  mkdirSync(dirname(options.path), { recursive: true });
  try {
    writeFileSync(options.path, await made, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return await openSqliteStore(options);
}

async function makeStore(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "pincer-store-"));
  const path = join(folder, "pincer.db");
  try {
    await (await openSqliteStore({ path, clock: systemClock, log: silentLog })).close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

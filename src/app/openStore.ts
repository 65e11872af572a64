import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Host } from "../core/ports/host.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite/sqliteStore.ts";

/** The store of a state folder. */
export function openStore(host: Host, clock: Clock): Promise<SqliteStore> {
  return openSqliteStore({ path: join(host.stateDir, "pincer.db"), clock, log: host.log });
}

import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Host } from "../core/ports/host.ts";
import type { Store } from "../core/ports/store.ts";
import { openSqliteStore } from "../store/sqlite/sqliteStore.ts";

/** The store of a state folder. */
export function openStore(host: Host, clock: Clock): Promise<Store> {
  return openSqliteStore({ path: join(host.stateDir, "pincer.db"), clock, log: host.log });
}

import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Host } from "../core/ports/host.ts";
import { emptyBesideCopies } from "./storeCopies.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite/sqliteStore.ts";

/** The store of a state folder. */
export function openStore(host: Host, clock: Clock): Promise<SqliteStore> {
  const path = join(host.stateDir, "pincer.db");
  const empty = emptyBesideCopies(path);
  if (empty) host.log.warn(`${empty.problem}. ${empty.fix}`);
  return openSqliteStore({ path, clock, log: host.log });
}

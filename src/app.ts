import { randomUUID } from "node:crypto";
import * as path from "node:path";
import { AppError, isAppError } from "./base/appError.ts";
import { type Clock, systemClock } from "./base/clock.ts";
import { realPath } from "./base/files/realPath.ts";
import { makeStateFolder } from "./config/stateFolder.ts";
import type { App, AppOptions } from "./app/runningApp.ts";
import { attachTo } from "./app/attached/attach.ts";
import { join } from "./app/attached/join.ts";
import { lead } from "./app/leading/lead.ts";
import { isHeld, takeLease } from "./app/leading/takeLease.ts";
import { emptyBesideCopies } from "./app/storeCopies.ts";
import { openSqliteStore, type SqliteStore } from "./store/sqlite/sqliteStore.ts";
import type { Host } from "./core/ports/host.ts";
import { worktreeFolders } from "./worktrees/worktreeFolders.ts";
import { protectState } from "./rules/protectedState.ts";

export type { App, AppOptions, ConfigDiagnostic } from "./app/runningApp.ts";
export { listPlainKeys, takeOutKey } from "./config/plainKeys.ts";
export { checkSchedule } from "./schedule/jobSchema.ts";
export { nextSlot } from "./schedule/nextSlot.ts";

/** Puts everything together over a host: one gateway per state folder, whoever opens it first. */
export async function openApp(options: AppOptions): Promise<App> {
  const { host, mode } = options;
  makeStateFolder(host.stateDir);
  protectState(realPath(host.stateDir), () => [...host.workspaces().map(realPath), ...worktreeFolders(host.stateDir)]);
  const clock = systemClock;
  const nonce = randomUUID();
  const store = await openStore(host, clock);
  const lease = await takeLease({ store, clock, log: host.log, owner: host.name, nonce }).catch(
    async (error: unknown) => {
      await store.close();
      throw error;
    },
  );
  if (isHeld(lease)) return lead({ ...options, store, clock, nonce }, lease);
  const { holder } = lease;
  if (mode === "join") {
    try {
      return await join({ ...options, store, clock, nonce }, holder);
    } catch (error) {
      if (!isAppError(error) || error.code !== "bad_request") throw error;
      host.log.warn(`What runs in this window's folders is left to the gateway that leads: ${error.message}`);
      return attachTo(holder, options);
    }
  }
  await store.close();
  if (mode === "lead") {
    throw new AppError(
      "conflict",
      `A gateway already runs on ${host.stateDir}: ${holder.owner}, process ${holder.pid}${holder.url ? `, at ${holder.url}` : ""}`,
    );
  }
  return attachTo(holder, options);
}

/** The store of a state folder. */
function openStore(host: Host, clock: Clock): Promise<SqliteStore> {
  const file = path.join(host.stateDir, "pincer.db");
  const empty = emptyBesideCopies(file);
  if (empty) host.log.warn(`${empty.problem}. ${empty.fix}`);
  return openSqliteStore({ path: file, clock, log: host.log });
}

import { randomUUID } from "node:crypto";
import * as path from "node:path";
import { AppError, isAppError } from "./base/appError.ts";
import { type Clock, systemClock } from "./base/clock.ts";
import { realPath } from "./base/files/realPath.ts";
import { isAlive } from "./base/isAlive.ts";
import { describeError } from "./base/log.ts";
import { makeStateFolder, readGatewayFile } from "./config/stateFolder.ts";
import type { App, AppOptions } from "./app/runningApp.ts";
import { attachTo } from "./app/attached/attach.ts";
import { join } from "./app/attached/join.ts";
import { lead } from "./app/leading/lead.ts";
import { letNewerFirst } from "./app/leading/successor.ts";
import { isHeld, takeLease } from "./app/leading/takeLease.ts";
import { emptyBesideCopies } from "./app/storeCopies.ts";
import { type AtWork, otherAtWork } from "./store/sqlite/care/atWork.ts";
import { isStoreTooNew } from "./store/sqlite/migrate.ts";
import { openSqliteStore, type SqliteStore } from "./store/sqlite/sqliteStore.ts";
import type { Host } from "./core/ports/host.ts";
import { worktreeFolders } from "./worktrees/worktreeFolders.ts";
import { protectState } from "./rules/protectedState.ts";

export type { App, AppOptions, ConfigDiagnostic } from "./app/runningApp.ts";
export { listReadable, openReadable, readableChanges, refusedReading } from "./app/readable.ts";
export { findJobLine } from "./app/settings/jobLine.ts";
export { listPlainKeys, takeOutKey } from "./config/plainKeys.ts";
export { addChannel } from "./config/write/addChannel.ts";
export { addServers } from "./config/write/addServers.ts";
export { openSecrets } from "./config/secrets.ts";
export { readGatewayFile } from "./config/stateFolder.ts";
export { setModel } from "./config/write/setModel.ts";
export { shareServer } from "./config/write/shareServer.ts";
export { readForeignServers } from "./config/write/foreignServers.ts";
export { checkSchedule } from "./schedule/jobSchema.ts";
export { parseSchedule } from "./schedule/scheduleInput.ts";
export { nextSlot } from "./schedule/nextSlot.ts";

/** Puts everything together over a host: one gateway per state folder, whoever opens it first. */
export async function openApp(options: AppOptions): Promise<App> {
  const { host, mode } = options;
  makeStateFolder(host.stateDir);
  protectState(realPath(host.stateDir), () => [...host.workspaces().map(realPath), ...worktreeFolders(host.stateDir)]);
  const clock = systemClock;
  const nonce = randomUUID();
  const store = await openStore(host, clock).catch((error: unknown) => attachToNewer(error, options));
  // Of a newer Pincer, which works for this one as it is.
  if ("role" in store) return store;
  if (mode === "join") await letNewerFirst({ store, clock, host });
  const lease = await takeLease({ store, clock, log: host.log, owner: host.name, version: host.version, nonce }).catch(
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
      return attachTo(holder, options, error.details !== undefined);
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

/** A gateway that a newer Pincer serves, whose store this one cannot read; the error where there is none. */
async function attachToNewer(error: unknown, options: AppOptions): Promise<App> {
  const { host, mode } = options;
  const found = isStoreTooNew(error) && mode !== "lead" ? readGatewayFile(host.stateDir) : undefined;
  if (!found?.nonce || !isAlive(found.pid)) throw error;
  const { owner = "another Pincer", nonce, pid, url, version } = found;
  const app = await attachTo({ owner, nonce, pid, url }, options);
  host.log.warn(
    `This Pincer (${host.version}) is older than the one that leads (${owner}, ${version}), and has it run what is asked here. ${(error as Error).message}`,
  );
  return app;
}

/** One of the processes besides this that work with a state folder now; undefined where there is none, or it cannot be read. */
export async function whoWorks({ stateDir, log }: Pick<Host, "stateDir" | "log">): Promise<AtWork | undefined> {
  try {
    return await otherAtWork(path.join(stateDir, "pincer.db"), systemClock);
  } catch (error) {
    // One that is damaged is deleted all the same.
    log.warn("It cannot be read who works with the store", { error: describeError(error) });
    const found = readGatewayFile(stateDir);
    return found && found.pid !== process.pid && isAlive(found.pid) ? found : undefined;
  }
}

/** The store of a state folder. */
function openStore(host: Host, clock: Clock): Promise<SqliteStore> {
  const file = path.join(host.stateDir, "pincer.db");
  const empty = emptyBesideCopies(file);
  if (empty) host.log.warn(`${empty.problem}. ${empty.fix}`);
  return openSqliteStore({ path: file, clock, log: host.log });
}

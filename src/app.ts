import { AppError } from "./base/appError.ts";
import { systemClock } from "./base/clock.ts";
import { realPath } from "./base/files/realPath.ts";
import { makeStateFolder } from "./config/stateFolder.ts";
import type { App, AppOptions } from "./app/runningApp.ts";
import { attachTo } from "./app/attach.ts";
import { lead } from "./app/lead.ts";
import { isHeld, takeLease } from "./app/takeLease.ts";
import { openStore } from "./app/openStore.ts";
import { protectState } from "./rules/protectedState.ts";

export type { App, AppOptions, ConfigDiagnostic } from "./app/runningApp.ts";
export { checkSchedule } from "./schedule/jobSchema.ts";
export { nextSlot } from "./schedule/nextSlot.ts";

/** Puts everything together over a host: one gateway per state folder, whoever opens it first. */
export async function openApp(options: AppOptions): Promise<App> {
  const { host } = options;
  makeStateFolder(host.stateDir);
  protectState(realPath(host.stateDir), () => host.workspaces().map(realPath));
  const store = await openStore(host, systemClock);
  const lease = await takeLease({ store, clock: systemClock, log: host.log, owner: host.name }).catch(
    async (error: unknown) => {
      await store.close();
      throw error;
    },
  );
  if (isHeld(lease)) return lead({ ...options, store, lease, clock: systemClock });
  await store.close();
  const { holder } = lease;
  if (options.mode === "lead") {
    throw new AppError(
      "conflict",
      `A gateway already runs on ${host.stateDir}: ${holder.owner}, process ${holder.pid}${holder.url ? `, at ${holder.url}` : ""}`,
    );
  }
  return attachTo(holder, options);
}

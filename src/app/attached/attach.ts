import { Emitter } from "../../base/emitter.ts";
import { findConfig } from "../../config/findConfig.ts";
import type { LeaseHolder } from "../../core/ports/store.ts";
import type { App, AppOptions } from "../runningApp.ts";
import { followFaults } from "./followFaults.ts";
import { linkToLeader } from "./linkToLeader.ts";

/**
 * Becomes a client of the gateway that holds the lease. Rejects with `unavailable` while that one is not serving yet. `isFaulty`:
 * only because the user's file is; it is closed once that is mended, to be opened again.
 */
export async function attachTo(holder: LeaseHolder, options: AppOptions, isFaulty = false): Promise<App> {
  const { host, config } = options;
  const link = await linkToLeader(holder, host);
  const changes = new Emitter<void>();
  const faults = isFaulty ? followFaults(options, () => changes.emit()) : undefined;
  const close = () => {
    faults?.dispose();
    link.close();
  };
  const mended = faults?.mended.then(() => {
    close();
    return "openclaw.yml is in order again";
  });
  return {
    role: "client",
    leader: link.leader,
    url: link.url,
    token: () => link.token(),
    connect: (via) => link.connect(via),
    onDidChange: (listener) => changes.on(listener),
    closed: mended ? Promise.race([link.cut, mended]) : link.cut,
    async close() {
      close();
    },
    configPath: findConfig({ file: config, stateDir: host.stateDir }).user,
    diagnostics: () => faults?.list() ?? [],
    // What the file said before is not known here.
    refuseGone() {},
    rules: () => undefined,
  };
}

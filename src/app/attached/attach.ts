import { Emitter } from "../../base/emitter.ts";
import { findConfig } from "../../config/findConfig.ts";
import type { LeaseHolder } from "../../core/ports/store.ts";
import type { App, AppOptions } from "../runningApp.ts";
import { linkToLeader } from "./linkToLeader.ts";

/** Becomes a client of the gateway that holds the lease. Rejects with `unavailable` while that one is not serving yet. */
export async function attachTo(holder: LeaseHolder, { host, config }: AppOptions): Promise<App> {
  const link = await linkToLeader(holder, host);
  const changes = new Emitter<void>();
  return {
    role: "client",
    leader: link.leader,
    url: link.url,
    token: () => link.token(),
    connect: (via) => link.connect(via),
    onDidChange: (listener) => changes.on(listener),
    closed: link.cut,
    async close() {
      link.close();
    },
    configPath: findConfig({ file: config, stateDir: host.stateDir }).user,
    diagnostics: () => [],
    rules: () => undefined,
  };
}

import { AppError } from "../base/appError.ts";
import { Emitter } from "../base/emitter.ts";
import { describeError } from "../base/log.ts";
import { findConfig } from "../config/findConfig.ts";
import { readGatewayFile } from "../config/stateFolder.ts";
import type { LeaseHolder } from "../core/ports/store.ts";
import { toAddress } from "../client/gatewayAddress.ts";
import { type ConnectOptions, connectWire } from "../client/wsClient.ts";
import type { App, AppOptions } from "./runningApp.ts";
import { offerFolders } from "./offerFolders.ts";

/** Becomes a client of the gateway that holds the lease. Rejects with `unavailable` while that one is not serving yet. */
export async function attachTo(lease: LeaseHolder, { host, config }: AppOptions): Promise<App> {
  const found = readGatewayFile(host.stateDir);
  // The file may be an earlier gateway's: the token goes only to where the holder of the lease says that it serves.
  if (!found || found.pid !== lease.pid || found.url !== lease.url) {
    throw new AppError("unavailable", `The gateway of ${lease.owner} (process ${lease.pid}) is not serving yet`);
  }
  const address = toAddress({ ...found, nonce: lease.nonce });
  const closed = Promise.withResolvers<string>();
  const changes = new Emitter<void>();
  const alive = new AbortController();
  // Its token may have been changed by now.
  const currentToken = () => readGatewayFile(host.stateDir)?.token ?? address.token;
  const connect = (via: ConnectOptions["via"]) =>
    connectWire({ ...address, token: currentToken() }, { signal: alive.signal, via });
  const watch = await connect("palette");
  watch.onClose((reason) => {
    alive.abort();
    closed.resolve(reason);
  });
  const offered = await offerFolders(host, () => connect("palette")).catch((error: unknown) => {
    // A gateway of an earlier version, perhaps: everything else works.
    host.log.warn("The gateway could not be told which folders are open", { error: describeError(error) });
  });
  return {
    role: "client",
    url: address.url,
    token: currentToken,
    connect: (via) => connect(via === "panel" || via === "cli" ? via : "palette"),
    onDidChange: (listener) => changes.on(listener),
    closed: closed.promise,
    async close() {
      offered?.dispose();
      watch.close("this window no longer needs it");
      alive.abort();
    },
    configPath: findConfig({ file: config, stateDir: host.stateDir }).user,
    diagnostics: () => [],
  };
}

import { AppError } from "./base/appError.ts";
import type { Disposable } from "./base/disposable.ts";
import type { Host } from "./core/ports/host.ts";
import type { Wire } from "./protocol/frame.ts";
import type { Origin } from "./protocol/message.ts";
import { attachTo } from "./app/attach.ts";
import { lead } from "./app/lead.ts";
import { openStore } from "./app/store.ts";
import { isHeld, takeLease } from "./app/lease.ts";
import { systemClock } from "./base/clock.ts";
import { makeStateFolder } from "./config/stateFolder.ts";

export interface AppOptions {
  host: Host;
  /** A --config file, in place of the state folder's openclaw.yml. */
  config?: string;
  /** In place of the configured one; 0 for any. */
  port?: number;
  bindHost?: string;
  /** What to do when a gateway runs on this state folder already: fail with `conflict`, or become its client. */
  mode: "lead" | "attach-or-lead";
}

/** A gateway that runs here, or a connection to the one that runs elsewhere. */
export interface App {
  readonly role: "leader" | "client";
  readonly url: string;
  token(): string;
  /** A fresh wire to the gateway: linked within the process when it runs here, a WebSocket otherwise. */
  connect(via: Origin["via"]): Promise<Wire>;
  /** The address, the token or the configuration's faults changed. */
  onDidChange(listener: () => void): Disposable;
  /** Resolves with the reason when the gateway is gone. */
  readonly closed: Promise<string>;
  close(): Promise<void>;
  readonly configPath: string;
  diagnostics(): ConfigDiagnostic[];
}

/** A fault in openclaw.yml; line and column count from 1. */
export interface ConfigDiagnostic {
  path: string;
  severity: "error" | "warning";
  line: number;
  column: number;
  message: string;
}

/** Puts everything together over a host: one gateway per state folder, whoever opens it first. */
export async function openApp(options: AppOptions): Promise<App> {
  const { host } = options;
  makeStateFolder(host.stateDir);
  const store = await openStore(host, systemClock);
  const lease = await takeLease({ store, clock: systemClock, log: host.log, owner: host.name }).catch(
    async (error: unknown) => {
      await store.close();
      throw error;
    },
  );
  if (isHeld(lease)) return lead({ ...options, store, lease, clock: systemClock });
  await store.close();
  if (options.mode === "lead") {
    throw new AppError(
      "conflict",
      `A gateway already runs on ${host.stateDir}: ${lease.owner}, process ${lease.pid}${lease.url ? `, at ${lease.url}` : ""}`,
    );
  }
  return attachTo(lease, options);
}

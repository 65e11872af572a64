import type { Disposable } from "../base/disposable.ts";
import type { Host } from "../core/ports/host.ts";
import type { Wire } from "../protocol/frame.ts";
import type { Origin } from "../protocol/message.ts";
import type { Rule } from "../protocol/rule.ts";

export interface AppOptions {
  host: Host;
  /** A --config file, in place of the state folder's openclaw.yml. */
  config?: string;
  /** In place of the configured one; 0 for any. */
  port?: number;
  bindHost?: string;
  /**
   * What to do when a gateway runs on this state folder already: fail with `conflict`; become its client; or work beside
   * it, on what runs in this host's folders, and lead when it is gone.
   */
  mode: "lead" | "attach-or-lead" | "join";
}

/** A gateway that runs here, or a connection to the one that runs elsewhere. */
export interface App {
  /** A client that works beside the gateway may become the leader. */
  readonly role: "leader" | "client";
  /** Who leads, for people: "VS Code", "pincer gateway". */
  readonly leader: string;
  readonly url: string;
  token(): string;
  /** A fresh wire to the gateway: linked within the process when it runs here, a WebSocket otherwise. */
  connect(via: Origin["via"]): Promise<Wire>;
  /** The role, the address, the token or the configuration's faults changed. */
  onDidChange(listener: () => void): Disposable;
  /** Resolves with the reason when the gateway is gone. */
  readonly closed: Promise<string>;
  close(): Promise<void>;
  readonly configPath: string;
  diagnostics(): ConfigDiagnostic[];
  /** See Configuration. */
  refuseGone(): void;
  /** What is in force in the folders of this process; undefined where it leaves the configuration to the gateway that leads. */
  rules(): Rule[] | undefined;
}

/** A fault in openclaw.yml; line and column count from 1. */
export interface ConfigDiagnostic {
  path: string;
  severity: "error" | "warning";
  line: number;
  column: number;
  message: string;
  /** Names the kind of it where an editor has a way out. */
  code?: "secret_in_workspace";
}

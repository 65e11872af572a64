import type { Clock } from "../../base/clock.ts";
import type { CloseStack } from "../closeStack.ts";
import type { Emitter } from "../../base/emitter.ts";
import type { LogTail } from "../../base/logTail.ts";
import type { Redactor } from "../../base/redact.ts";
import type { Told } from "../../core/ports/eventBus.ts";
import type { AskElsewhere } from "../../mcp/servers/questions.ts";
import type { SqliteStore } from "../../store/sqlite/sqliteStore.ts";
import type { Configuration } from "../settings/configuration.ts";
import type { AppOptions } from "../runningApp.ts";
import type { SettingsInForce } from "../settings/settingsInForce.ts";
import type { StoredSecrets } from "../settings/storedSecrets.ts";
import type { HeldLease } from "./takeLease.ts";

export interface MemberOptions extends AppOptions {
  store: SqliteStore;
  clock: Clock;
  /** As which worker it works, and for which it holds the lease. */
  nonce: string;
  /** Tells the gateway of another process; undefined while there is none to tell. */
  relay?: () => ((told: Told) => void) | undefined;
  /** Asks people there what MCP servers of this process want to know. */
  askElsewhere?: () => AskElsewhere | undefined;
}

/** What the parts of an agent are put together from, whether it leads or works beside the one that does. */
export interface Acting extends MemberOptions {
  log: LogTail;
  redactor: Redactor;
  configuration: Configuration;
  settings: SettingsInForce;
  storedSecrets: StoredSecrets;
  /** The role, the address, the token or the configuration's faults changed. */
  changes: Emitter<void>;
  /** Every part adds how it is closed; what came last is closed first. */
  closing: CloseStack;
}

export interface Leading extends Acting {
  lease: HeldLease;
}

import type { Clock } from "../base/clock.ts";
import type { CloseStack } from "./closeStack.ts";
import type { Emitter } from "../base/emitter.ts";
import type { LogTail } from "../base/logTail.ts";
import type { Redactor } from "../base/redact.ts";
import type { SqliteStore } from "../store/sqlite/sqliteStore.ts";
import type { Configuration } from "./configuration.ts";
import type { AppOptions } from "./runningApp.ts";
import type { SettingsInForce } from "./settingsInForce.ts";
import type { HeldLease } from "./takeLease.ts";

export interface LeadOptions extends AppOptions {
  store: SqliteStore;
  lease: HeldLease;
  clock: Clock;
}

/** What the parts of a leading app are put together from. */
export interface Leading extends LeadOptions {
  log: LogTail;
  redactor: Redactor;
  configuration: Configuration;
  settings: SettingsInForce;
  /** The address, the token or the configuration's faults changed. */
  changes: Emitter<void>;
  /** Every part adds how it is closed; what came last is closed first. */
  closing: CloseStack;
}

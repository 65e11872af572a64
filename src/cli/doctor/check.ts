import type { Config } from "../../config/configSchema.ts";
import type { ConfigReading } from "../../config/readConfig.ts";
import type { GatewayFile } from "../../config/stateFolder.ts";
import type { RestClient } from "../../client/restClient.ts";

/** What the checks look at. */
export interface Checkup {
  stateDir: string;
  env: Record<string, string | undefined>;
  configFile: string;
  reading: ConfigReading;
  /** The configuration in force, or the defaults when it is faulty. */
  config: Config;
  /** gateway.json of a process that lives. */
  running?: GatewayFile;
  client?: RestClient;
}

export interface Finding {
  level: "ok" | "warning" | "broken";
  text: string;
  /** What to do about it. */
  fix?: string;
}

/** One thing that `pincer doctor` looks at. */
export interface Check {
  name: string;
  run(checkup: Checkup): Promise<Finding[]> | Finding[];
}

export const ok = (text: string): Finding => ({ level: "ok", text });
export const warning = (text: string, fix: string): Finding => ({ level: "warning", text, fix });
export const broken = (text: string, fix: string): Finding => ({ level: "broken", text, fix });

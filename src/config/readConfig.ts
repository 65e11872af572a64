import type { Env } from "./expandEnv.ts";
import type { ConfigFiles } from "./findConfig.ts";
import { loadConfig, type LoadedConfig, type LoadOptions } from "./loadConfig.ts";
import type { ConfigProblem } from "./configProblem.ts";
import { type ConfigText, readConfigText } from "./configText.ts";
import { type Config, defaultConfig } from "./configSchema.ts";
import { type Confirmation, mergeWorkspace } from "./mergeWorkspace.ts";

export interface ReadOptions {
  env: Env;
  /** Hashes of workspace content that the user has confirmed. */
  confirmed?: ReadonlySet<string>;
  /** Where the texts come from, when not from the disk. */
  textOf?: (path: string, options?: { isWorkspace?: boolean }) => ConfigText;
}

/** What the files on the disk say now. */
export interface ConfigReading {
  /** Absent when the user's file has an error. */
  config?: Config;
  /** The workspace's file has an error: `config` is the user's alone. */
  isWithoutWorkspace?: boolean;
  problems: ConfigProblem[];
  /** Which of the jobs in `config` each file declares. One that is not there, or has a fault, says nothing of its jobs. */
  declared?: { file: string; jobs: Config["cron"] }[];
  needsConfirmation?: Confirmation;
}

/**
 * Reads the user's file, then the workspace's under it. Files that are not there say nothing. A fault of the workspace's
 * file takes away that file alone: anybody may have written it, and nobody but the user stops the gateway.
 */
export function readConfig(
  files: ConfigFiles,
  { env, confirmed = new Set(), textOf = readConfigText }: ReadOptions,
): ConfigReading {
  const text = textOf(files.user);
  const user = readOne(files.user, text, { env });
  if (!user.config) return { problems: user.problems };
  const { cron } = user.config;
  const declared = "text" in text ? [{ file: files.user, jobs: cron }] : [];
  if (!files.workspace) return { config: user.config, declared, problems: user.problems };
  const ownText = textOf(files.workspace, { isWorkspace: true });
  const own = readOne(files.workspace, ownText, {
    env: undefined,
    providers: Object.keys(user.config.providers),
  });
  const problems = [...user.problems, ...own.problems];
  if (!own.config) return { config: user.config, declared, problems, isWithoutWorkspace: true };
  const merged = mergeWorkspace(user.config, own.given ?? {}, own.config, confirmed);
  // Its jobs come after the user's.
  const jobs = merged.config.cron.slice(cron.length);
  const more = "text" in ownText ? [{ file: files.workspace, jobs }] : [];
  return { ...merged, declared: [...declared, ...more], problems };
}

function readOne(file: string, read: ConfigText, options: LoadOptions): LoadedConfig {
  if ("text" in read) return loadConfig(read.text, file, options);
  if ("missing" in read) return { config: defaultConfig(), given: {}, problems: [] };
  return { problems: [faultOf(file, read.fault)] };
}

/** A problem with the whole of a file. */
export function faultOf(file: string, message: string): ConfigProblem {
  return { severity: "error", file, line: 1, column: 1, endLine: 1, endColumn: 1, key: "", message };
}

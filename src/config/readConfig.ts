import { readFileSync } from "node:fs";
import type { Env } from "./expandEnv.ts";
import type { ConfigFiles } from "./findConfig.ts";
import { loadConfig, type LoadedConfig, type LoadOptions } from "./loadConfig.ts";
import type { ConfigProblem } from "./configProblem.ts";
import { type Config, defaultConfig } from "./configSchema.ts";
import { type Confirmation, mergeWorkspace } from "./mergeWorkspace.ts";

export interface ReadOptions {
  env: Env;
  /** Hashes of workspace content that the user has confirmed. */
  confirmed?: ReadonlySet<string>;
}

/** What the files on the disk say now. */
export interface ConfigReading {
  /** Absent when a file has an error. */
  config?: Config;
  problems: ConfigProblem[];
  needsConfirmation?: Confirmation;
}

/** Reads the user's file, then the workspace's under it. Files that are not there say nothing. */
export function readConfig(files: ConfigFiles, { env, confirmed = new Set() }: ReadOptions): ConfigReading {
  const user = readOne(files.user, env);
  if (!user.config) return { problems: user.problems };
  if (!files.workspace) return { config: user.config, problems: user.problems };
  const own = readOne(files.workspace, env, { providers: Object.keys(user.config.providers) });
  const problems = [...user.problems, ...own.problems];
  if (!own.config) return { problems };
  return { ...mergeWorkspace(user.config, own.given ?? {}, own.config, confirmed), problems };
}

function readOne(file: string, env: Env, options?: LoadOptions): LoadedConfig {
  try {
    return loadConfig(readFileSync(file, "utf8"), file, env, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "ENOENT") return { config: defaultConfig(), given: {}, problems: [] };
    const place = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    return { problems: [{ severity: "error", ...place, key: "", message: `The file cannot be read (${code})` }] };
  }
}

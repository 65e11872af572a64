import { visibleLine } from "../base/text/visible.ts";
import type { Env } from "./expandEnv.ts";
import { type ConfigFiles, pathsOf } from "./findConfig.ts";
import { loadConfig, type LoadedConfig, type LoadOptions } from "./loadConfig.ts";
import type { ConfigProblem, Finding } from "./configProblem.ts";
import { type ConfigText, readConfigText } from "./configText.ts";
import { type Config, type ConfigInput, defaultConfig } from "./configSchema.ts";
import { type Confirmation, leftOut, mergeWorkspace, narrowMore, raisedBudgets } from "./mergeWorkspace.ts";

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
  /** What the user's file says by itself; there whenever `config` is. */
  user?: Config;
  /** Files that have an error: `config` is without them. */
  broken: string[];
  problems: ConfigProblem[];
  /** Which jobs each file declares. One that is not there, or has a fault, says nothing of its jobs. */
  declared?: DeclaringConfig[];
  needsConfirmation?: Confirmation;
}

interface DeclaringConfig {
  file: string;
  jobs: Config["cron"];
  /** They are not in `config`: they wait for the user's word. */
  isWaiting?: true;
}

/**
 * Reads the user's file, then the workspace's under it, and what narrows of those of further folders. Files that are not there
 * say nothing. A fault of a workspace's file takes away that file alone: anybody may have written it, and nobody but the user
 * stops the gateway.
 */
export function readConfig(
  files: ConfigFiles,
  { env, confirmed = new Set(), textOf = readConfigText }: ReadOptions,
): ConfigReading {
  const text = textOf(files.user);
  const user = readOne(files.user, text, { env });
  if (!user.config) return { broken: [files.user], problems: user.problems };
  const before = user.config;
  const reading: ConfigReading & { config: Config; user: Config; declared: DeclaringConfig[] } = {
    config: before,
    user: before,
    broken: [],
    problems: [...user.problems],
    declared: "text" in text ? [{ file: files.user, jobs: before.cron }] : [],
  };
  for (const file of pathsOf(files).slice(1)) {
    const isMain = file === files.workspace;
    const ownText = textOf(file, { isWorkspace: true });
    const own = readOne(file, ownText, {
      env: undefined,
      providers: Object.keys(before.providers),
      check: (given) => (isMain ? findRaised(before, given) : findLeftOut(before, given, files.workspace)),
    });
    reading.problems.push(...own.problems);
    if (!own.config || !own.given) {
      reading.broken.push(file);
      continue;
    }
    if (!isMain) {
      reading.config = narrowMore(reading.config, own.given, own.config);
      continue;
    }
    const merged = mergeWorkspace(before, own.given, own.config, { file, confirmed });
    Object.assign(reading, merged);
    if (!("text" in ownText)) continue;
    const jobs = own.config.cron;
    const isWaiting = merged.needsConfirmation !== undefined && jobs.length > 0;
    reading.declared.push({ file, jobs, ...(isWaiting ? { isWaiting } : {}) });
  }
  return reading;
}

/** The user's configuration, and what a folder's file makes stricter of it for what is done there; undefined while the file is faulty. */
export function narrowedBy(user: Config, file: string, text: ConfigText): Config | undefined {
  const { config, given } = readOne(file, text, { env: undefined, providers: Object.keys(user.providers) });
  return config && given && narrowMore(user, given, config);
}

function findRaised(user: Config, given: ConfigInput): Finding[] {
  const message = "A workspace's file raises no budget of a model: yours stays in force";
  return raisedBudgets(user, given).map((path) => ({ severity: "warning", path, message }));
}

function findLeftOut(user: Config, given: ConfigInput, main = ""): Finding[] {
  const keys = [...leftOut(user, given), ...raisedBudgets(user, given).map((path) => path.join("."))];
  if (keys.length === 0) return [];
  const message = `Of several folders, only the first one's openclaw.yml counts in full (${main}); of this one only what narrows holds. No effect: ${visibleLine(keys.join(", "), 300)}`;
  return [{ severity: "warning", path: [], message }];
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

import { type FSWatcher, readFileSync, unwatchFile, watch, watchFile } from "node:fs";
import { basename, dirname } from "node:path";
import { type Disposable, Disposables, toDisposable } from "../base/disposable.ts";
import type { Log } from "../base/log.ts";
import type { ConfigFiles } from "./findConfig.ts";
import type { ConfigProblem } from "./configProblem.ts";
import { type ConfigReading, readConfig, type ReadOptions } from "./readConfig.ts";
import type { Config } from "./configSchema.ts";

export interface WatchOptions extends ReadOptions {
  /** A file changed and everything is in order. */
  onChange(config: Config, reading: ConfigReading): void;
  /** Told after every change of a file: an empty list says that all is well again. The last good config stays in force. */
  onProblems(problems: ConfigProblem[]): void;
  log: Log;
}

// An editor that saves in several steps is done by then.
const QUIET_MS = 150;
const POLL_MS = 5_000;

/** Tells of every change in what the files say, those that appear later and those that editors replace included. */
export function watchConfig(files: ConfigFiles, options: WatchOptions): Disposable {
  const paths = [files.user, ...(files.workspace ? [files.workspace] : [])];
  const held = new Disposables();
  let seen = paths.map(contentOf).join("\0");
  let timer: NodeJS.Timeout | undefined;
  held.add(toDisposable(() => clearTimeout(timer)));

  const look = () => {
    const content = paths.map(contentOf).join("\0");
    if (content === seen) return;
    seen = content;
    const reading = readConfig(files, options);
    options.onProblems(reading.problems);
    if (reading.config) options.onChange(reading.config, reading);
    else options.log.warn("The configuration has errors; the one before it stays in force");
  };
  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(look, QUIET_MS);
  };
  for (const path of paths) held.add(watchPath(path, touched, options.log));
  return held;
}

/** Watches the folder, because a watch on a file stays with the old one when an editor puts a new one in its place. */
function watchPath(path: string, touched: () => void, log: Log): Disposable {
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  const poll = (error: unknown) => {
    log.debug("Looking at the configuration every 5 s, as it cannot be watched", { path, error: String(error) });
    watcher?.close();
    watcher = undefined;
    watchFile(path, { interval: POLL_MS, persistent: false }, touched);
  };
  try {
    // Some systems give no name.
    watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) touched();
    });
    watcher.on("error", poll);
  } catch (error) {
    poll(error);
  }
  return toDisposable(() => {
    watcher?.close();
    unwatchFile(path, touched);
  });
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

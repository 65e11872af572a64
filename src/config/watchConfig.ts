import { type Clock, systemClock } from "../base/clock.ts";
import { type Disposable, Disposables, toDisposable } from "../base/disposable.ts";
import { watchPath } from "../base/files/watchPath.ts";
import type { Log } from "../base/log.ts";
import { type ConfigFiles, pathsOf } from "./findConfig.ts";
import { type ConfigReader, createConfigReader, type LastingReading, readTexts, toText } from "./lastGood.ts";
import type { ConfigProblem } from "./configProblem.ts";
import type { ConfigText } from "./configText.ts";
import type { ReadOptions } from "./readConfig.ts";
import type { Config } from "./configSchema.ts";

export interface WatchOptions extends ReadOptions {
  /** A file changed and everything is in order. */
  onChange(config: Config, reading: LastingReading): void;
  /** Told after every change of a file: an empty list says that all is well again. The last good config stays in force. */
  onProblems(problems: ConfigProblem[]): void;
  log: Log;
  clock?: Clock;
  /** Whoever else reads the files; absent: nobody does. */
  reader?: ConfigReader;
}

// An editor that saves in several steps is done by then,
export const QUIET_MS = 150;
// and a program that writes the rest of the file later, by then.
export const HALF_SAVED_MS = 1_500;

/**
 * Tells of every change in what the files say, those that appear later, those that editors replace and those that links
 * lead to included. What cannot be used of them is held against what it was by `reader`.
 */
export function watchConfig(files: ConfigFiles, options: WatchOptions): Disposable {
  const paths = pathsOf(files);
  const { clock = systemClock, reader = createConfigReader() } = options;
  const held = new Disposables();
  let seen = readTexts(files);
  if (!options.reader) reader.read(files, options, seen);
  let timer: Disposable | undefined;
  held.add(toDisposable(() => timer?.dispose()));
  const lookIn = (ms: number, mayBeHalf: boolean) => {
    timer?.dispose();
    timer = clock.at(clock.now() + ms, () => look(mayBeHalf));
  };

  const look = (mayBeHalf: boolean) => {
    const now = readTexts(files);
    const changed = paths.filter((path) => !isSame(now.get(path)!, seen.get(path)!));
    if (changed.length === 0) return;
    if (mayBeHalf && changed.some((path) => looksHalf(toText(now.get(path)!), toText(seen.get(path)!))))
      return lookIn(HALF_SAVED_MS, false);
    seen = now;
    const reading = reader.read(files, options, now);
    options.onProblems(reading.problems);
    if (reading.config && changed.some((path) => !reading.untaken.includes(path)))
      options.onChange(reading.config, reading);
    else options.log.debug("The configuration has errors; the one before it stays in force");
  };
  for (const path of paths)
    held.add(watchPath(path, () => lookIn(QUIET_MS, true), { stays: path !== files.user, log: options.log }));
  return held;
}

/** Whether a new text may be the beginning of one that is still being written. */
function looksHalf(text: string, before: string): boolean {
  return (
    text !== before &&
    (text.trim() === "" || before.startsWith(text) || (before.endsWith("\n") && !text.endsWith("\n")))
  );
}

function isSame(a: ConfigText, b: ConfigText): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

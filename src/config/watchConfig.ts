import { type Clock, systemClock } from "../base/clock.ts";
import { type Disposable, Disposables, toDisposable } from "../base/disposable.ts";
import { watchPath } from "../base/files/watchPath.ts";
import type { Log } from "../base/log.ts";
import type { ConfigFiles } from "./findConfig.ts";
import type { ConfigProblem } from "./configProblem.ts";
import { type ConfigText, endsAtKey, readConfigText, saysNothing } from "./configText.ts";
import { type ConfigReading, faultOf, readConfig, type ReadOptions } from "./readConfig.ts";
import type { Config } from "./configSchema.ts";

export interface WatchOptions extends ReadOptions {
  /** A file changed and everything is in order. */
  onChange(config: Config, reading: ConfigReading): void;
  /** Told after every change of a file: an empty list says that all is well again. The last good config stays in force. */
  onProblems(problems: ConfigProblem[]): void;
  log: Log;
  clock?: Clock;
}

// An editor that saves in several steps is done by then,
export const QUIET_MS = 150;
// and a program that writes the rest of the file later, by then.
export const HALF_SAVED_MS = 1_500;

/**
 * Tells of every change in what the files say, those that appear later, those that editors replace and those that links
 * lead to included. A user's file that is removed, half there, or says nothing any more is a faulty one: what it said
 * before stays in force until it says something again.
 */
export function watchConfig(files: ConfigFiles, options: WatchOptions): Disposable {
  const paths = [files.user, ...(files.workspace ? [files.workspace] : [])];
  const { clock = systemClock } = options;
  const held = new Disposables();
  const readAll = () =>
    new Map(paths.map((path) => [path, readConfigText(path, { isWorkspace: path !== files.user })] as const));
  let seen = readAll();
  let lastUser = toText(seen.get(files.user)!);
  let lastGood = lastUser;
  let timer: Disposable | undefined;
  held.add(toDisposable(() => timer?.dispose()));
  const lookIn = (ms: number, mayBeHalf: boolean) => {
    timer?.dispose();
    timer = clock.at(clock.now() + ms, () => look(mayBeHalf));
  };

  const look = (mayBeHalf: boolean) => {
    const now = readAll();
    if (paths.every((path) => isSame(now.get(path)!, seen.get(path)!))) return;
    if (mayBeHalf && paths.some((path) => looksHalf(toText(now.get(path)!), toText(seen.get(path)!))))
      return lookIn(HALF_SAVED_MS, false);
    seen = now;
    const text = toText(now.get(files.user)!);
    const isHalf = isBeginning(text, lastGood);
    const isGone = isHalf || (saysNothing(text) && !saysNothing(lastGood) && !("fault" in now.get(files.user)!));
    const user = isGone ? { text: lastGood } : now.get(files.user)!;
    const reading = readConfig(files, { ...options, textOf: (path) => (path === files.user ? user : now.get(path)!) });
    const said = text.trim() === "" ? "is empty" : "says nothing";
    const why = "text" in now.get(files.user)! ? said : "is gone";
    const fault = isHalf ? HALF : `The file ${why}; what it said before stays in force`;
    const gone = isGone ? [faultOf(files.user, fault)] : [];
    options.onProblems([...gone, ...reading.problems]);
    // A workspace's file that breaks takes nothing back that it had narrowed, until the user's own file is changed.
    const isTaken = reading.config !== undefined && !(reading.isWithoutWorkspace && text === lastUser);
    lastUser = text;
    if (reading.config && !isGone) lastGood = text;
    if (isTaken && !(isGone && now.size === 1)) options.onChange(reading.config!, reading);
    else options.log.debug("The configuration has errors; the one before it stays in force");
  };
  for (const path of paths)
    held.add(watchPath(path, () => lookIn(QUIET_MS, true), { stays: path !== files.user, log: options.log }));
  return held;
}

const HALF =
  "The file is the beginning of what it was, as if it were half saved; what it said before stays in force. If this is meant, add a line, such as a comment";

/**
 * Whether a text is what was there before up to some place at which nobody ends a file: within a line, at a key without its
 * value, or ahead of what chose the model, opened the gateway or bounded the agent.
 */
function isBeginning(text: string, before: string): boolean {
  if (text.trim() === "" || !before.startsWith(text)) return false;
  const rest = before.slice(text.length).trimEnd();
  if (rest === "") return false;
  return (
    (!text.endsWith("\n") && !/^[ \t]*(?:#.*)?\r?\n/.test(rest)) ||
    endsAtKey(text) ||
    /^(?:model|providers|gateway|agent)[ \t]*:/m.test(rest) ||
    /[\s{,](?:deny|approvals|sandbox|rules)[ \t]*:/.test(rest)
  );
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

function toText(read: ConfigText): string {
  return "text" in read ? read.text : "";
}

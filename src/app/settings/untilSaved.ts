import { statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { diskNow } from "../../base/files/diskNow.ts";
import { endsAtKey, readConfigText, saysNothing } from "../../config/configText.ts";
import { type ConfigFiles, pathsOf } from "../../config/findConfig.ts";
import { readConfig } from "../../config/readConfig.ts";
import { HALF_SAVED_MS, QUIET_MS } from "../../config/watchConfig.ts";

// Who writes a file all the time keeps nobody from starting.
const MOST_MS = 5_000;

/**
 * Resolves when the configuration's files can be read for the first time: nobody is writing one. A file of which there is no
 * earlier text to tell its beginning by is half saved as long as it was changed a moment ago; and, where it is empty, ends
 * at a key or has errors, some moments ago.
 */
export async function untilSaved(files: ConfigFiles): Promise<void> {
  const until = performance.now() + MOST_MS;
  // Nothing else keeps the process alive yet, as a clock's timer would not.
  for (let ms = missing(files); ms > 0 && performance.now() < until; ms = missing(files))
    await setTimeout(Math.min(ms, QUIET_MS));
}

/** For how long the files have still to be left alone, in milliseconds. */
function missing(files: ConfigFiles): number {
  const paths = pathsOf(files);
  const quiet = Math.min(...paths.map(sinceChange));
  if (quiet >= HALF_SAVED_MS) return 0;
  return (mayBeHalf(files, paths) ? HALF_SAVED_MS : QUIET_MS) - quiet;
}

function mayBeHalf(files: ConfigFiles, paths: string[]): boolean {
  const reading = readConfig(files, { env: process.env });
  if (!reading.config || reading.broken.length > 0) return true;
  return paths.some((path) => {
    const read = readConfigText(path, { isWorkspace: path !== files.user });
    return "text" in read && (saysNothing(read.text) || endsAtKey(read.text));
  });
}

/**
 * For how long a file was left alone, in milliseconds, by the clock of its disk and not by the time that it was given. Without an
 * end for one that is not there, or is of a time to come: the clock was put back since, and nobody waits for that.
 */
export function sinceChange(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return Infinity;
  const since = diskNow(dirname(path)) - found.ctimeMs;
  return since < -MOST_MS ? Infinity : Math.max(0, since);
}

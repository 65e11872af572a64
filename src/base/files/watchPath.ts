import { lstatSync, readlinkSync, unwatchFile, watch, watchFile } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Disposable, toDisposable } from "../disposable.ts";
import type { Log } from "../log.ts";
import { isInside } from "./isInside.ts";
import { realPath } from "./realPath.ts";

export interface WatchPathOptions {
  /** Links that lead out of the file's folder are not followed. */
  stays?: boolean;
  log: Log;
}

const POLL_MS = 5_000;
// As many as Linux follows.
const MOST_LINKS = 40;

/**
 * Tells when a file changes, appears, goes or is replaced. Of one that is a link it also watches what the link leads to, over
 * links of links, and goes where they lead once one of them is replaced.
 */
export function watchPath(path: string, touched: () => void, { stays = false, log }: WatchPathOptions): Disposable {
  let watched = new Map<string, Disposable>();
  const follow = (): void => {
    const before = watched;
    watched = new Map();
    const within = realPath(dirname(path));
    for (let at: string | undefined = path; at !== undefined && watched.size <= MOST_LINKS; at = leadsTo(at)) {
      at = join(realPath(dirname(at)), basename(at));
      if (watched.has(at) || (stays && !isInside(within, at))) break;
      // Before it is looked where it leads: a link that is replaced in between is told of.
      watched.set(at, before.get(at) ?? watchPlace(at, moved, log));
    }
    for (const [at, watcher] of before) if (!watched.has(at)) watcher.dispose();
  };
  const moved = (): void => {
    follow();
    touched();
  };
  follow();
  return toDisposable(() => {
    for (const watcher of watched.values()) watcher.dispose();
  });
}

/** Where a link leads; undefined for what is none. */
function leadsTo(path: string): string | undefined {
  try {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return undefined;
  }
}

/** Watches the folder, because a watch on a file stays with the old one when an editor puts a new one in its place. */
function watchPlace(path: string, touched: () => void, log: Log): Disposable {
  const name = basename(path);
  let stop: () => void;
  const poll = (error: unknown) => {
    log.debug("Looking at a file every 5 s, as it cannot be watched", { path, error: String(error) });
    stop?.();
    watchFile(path, { interval: POLL_MS, persistent: false }, touched);
    stop = () => unwatchFile(path, touched);
  };
  try {
    // Some systems give no name.
    const watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) touched();
    });
    stop = () => watcher.close();
    watcher.on("error", poll);
  } catch (error) {
    poll(error);
  }
  return toDisposable(() => stop());
}

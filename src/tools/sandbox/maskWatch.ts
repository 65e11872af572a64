import { type FSWatcher, watch } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { isInside } from "../../base/files/isInside.ts";
import { parseMounts } from "../../base/files/mountTable.ts";
import { childOf, kill, read } from "./processWatch.ts";

const LOOK_MS = 100;
/** Folders in which a change is heard of at once; in more it is seen at the next look. */
const MAX_FOLDERS = 100;

/**
 * Ends a command, given by the pid of its bwrap, as soon as something in its workspace is no longer masked: where a file is
 * replaced from outside, as editors and git do, the kernel takes away what is mounted over it. Says before what it was. `mounts`
 * is how many there are at the least. `stop` ends it, by its pid where not given.
 */
export function watchMasks(
  pid: number,
  { masked, mounts }: { masked: string[]; mounts: number },
  workspace: string,
  bared: (name: string) => void,
  stop = () => kill(pid),
): Disposable {
  if (masked.length === 0) return toDisposable(() => {});
  const own = new Set(masked);
  let before: string[] | undefined;
  const uncovered = (place: string): void => {
    bared(relative(workspace, place));
    end();
    stop();
  };
  const look = (): void => {
    const places = placesIn(pid, workspace);
    if (!places) return;
    before ??= places.length < mounts ? [...places, ...masked] : places;
    if (places.length >= before.length) return;
    // A folder above may have been moved by the command itself, so that only the count is sure.
    const there = new Set(places);
    const [gone = workspace] = before.filter((place) => !there.has(place));
    uncovered(gone);
  };
  const watchers = [...new Set(masked.map((path) => dirname(path)))].slice(0, MAX_FOLDERS).flatMap((folder) => {
    return watching(folder, (event, name) => {
      // The command itself can neither put another in its place nor take it away.
      const place = name === null ? undefined : join(folder, name);
      if (event === "rename" && place !== undefined && before && own.has(place)) uncovered(place);
      else look();
    });
  });
  const timer = setInterval(look, LOOK_MS).unref();
  const end = (): void => {
    clearInterval(timer);
    for (const watcher of watchers) watcher.close();
  };
  return toDisposable(end);
}

/** What is mounted in a workspace as the program sees it; undefined until it has begun, and once it is gone. */
function placesIn(pid: number, workspace: string): string[] | undefined {
  const first = childOf(pid);
  if (first === undefined || childOf(first) === undefined) return undefined;
  const places = parseMounts(read(`/proc/${first}/mountinfo`)).map(({ place }) => place);
  return places.length === 0 ? undefined : places.filter((place) => isInside(workspace, place));
}

function watching(folder: string, changed: (event: string, name: string | null) => void): FSWatcher[] {
  try {
    return [
      watch(folder, changed)
        .unref()
        .on("error", () => {}),
    ];
  } catch {
    return [];
  }
}

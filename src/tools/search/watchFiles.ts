import { createHash } from "node:crypto";
import { type FSWatcher, watch } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { realPath } from "../../base/files/realPath.ts";
import type { FilesSeen, WatchedFiles } from "../../core/ports/watchedFiles.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { pathGlob } from "./pathGlob.ts";
import { SKIPPED_FOLDERS, walk } from "./walk.ts";

const MOST_FILES = 20_000;
// Beyond these a change is noticed when the files are looked at the next time.
const MOST_FOLDERS = 2000;
const AT_ONCE = 32;

/**
 * Watches a folder's files that fit a glob, as `walk` finds them, and no protected ones. A system that watches whole trees
 * is let do so; elsewhere each folder is watched, empty ones too, as they were at the last look.
 */
export function watchFiles(workspace: string, glob: string, onChange: () => void): WatchedFiles {
  const folder = realPath(workspace);
  const fits = pathGlob(glob);
  const stop = new AbortController();
  const watchers = new Map<string, { watcher: FSWatcher; inode: number }>();
  const isTree = process.platform === "darwin" || process.platform === "win32";

  const watchFolder = (path: string, inode = 0): void => {
    // One that was made anew under its name is another.
    if (watchers.has(path) && watchers.get(path)!.inode !== inode) unwatch(path);
    if (watchers.has(path) || watchers.size >= MOST_FOLDERS || stop.signal.aborted) return;
    try {
      const watcher = watch(join(folder, path), { persistent: false, recursive: isTree }, (_event, name) => {
        if (name === null || !isSkipped(name)) onChange();
      });
      watcher.on("error", () => unwatch(path));
      watchers.set(path, { watcher, inode });
    } catch {
      // Gone already, or more than the system watches: the next look finds what changed.
    }
  };
  const unwatch = (path: string): void => {
    watchers.get(path)?.watcher.close();
    watchers.delete(path);
  };
  watchFolder("");

  return {
    async look() {
      const folders = new Set([""]);
      const names: string[] = [];
      // Before it is read: what comes between the two would be told of by nobody.
      const entering = async (path: string) => {
        if (isTree || path === "") return;
        const stat = await lstat(join(folder, path)).catch(() => undefined);
        if (!stat?.isDirectory()) return;
        folders.add(path);
        watchFolder(path, stat.ino);
      };
      const fixed = fixedPart(glob);
      for (const path of pathsTo(fixed)) {
        // Files behind a link are none of the folder's, also where the glob names it.
        if ((await lstat(join(folder, path)).catch(() => undefined))?.isSymbolicLink()) return toSeen(folder, []);
        await entering(path);
      }
      for await (const path of walk({
        workspace: folder,
        folder: fixed,
        signal: stop.signal,
        unreadable() {},
        entering,
      })) {
        if (!fits(path) || protectedReason(path, "write") !== undefined) continue;
        names.push(path);
        if (names.length > MOST_FILES)
          throw new AppError("bad_request", `More than ${MOST_FILES} files fit ${glob}: name fewer of them`);
      }
      for (const path of watchers.keys()) if (!folders.has(path)) unwatch(path);
      return toSeen(folder, names);
    },
    dispose() {
      stop.abort();
      for (const path of [...watchers.keys()]) unwatch(path);
    },
  };
}

function isSkipped(name: string): boolean {
  return name.split(/[\\/]/).some((part) => SKIPPED_FOLDERS.has(part));
}

/** The folder that everything lies in that a glob names: "src" of src/**\/*.ts. */
function fixedPart(glob: string): string {
  const parts = glob.replaceAll("\\", "/").replace(/^\.\//, "").split("/");
  const open = parts.findIndex((part) => /[*?[\]{}()!+@\\]/.test(part));
  const fixed = parts.slice(0, open < 0 ? -1 : open).join("/");
  return fixed === "" ? "." : fixed;
}

/** "src" and "src/deep" of src/deep. */
function pathsTo(folder: string): string[] {
  const parts = folder === "." ? [] : folder.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

async function toSeen(folder: string, names: string[]): Promise<FilesSeen> {
  const stamps = new Map<string, string>();
  let newest = 0;
  for (let at = 0; at < names.length; at += AT_ONCE) {
    await Promise.all(
      names.slice(at, at + AT_ONCE).map(async (name) => {
        const stat = await lstat(join(folder, name)).catch(() => undefined);
        if (!stat?.isFile()) return;
        stamps.set(name, `${stat.mtimeMs} ${stat.size} ${stat.ino}`);
        newest = Math.max(newest, stat.mtimeMs);
      }),
    );
  }
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\0${stamps.get(name) ?? ""}\0`);
  return { digest: hash.digest("base64url"), stamps, newest: Math.floor(newest) };
}

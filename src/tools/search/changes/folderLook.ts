import { lstatSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { listFiles } from "../fileList.ts";

/** By what a file is known to be as it was. */
export interface FileStamp {
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  ino: bigint;
  mode: number;
}

/** The files of a folder by their paths from there, "/" between names. */
export type FolderLook = Map<string, FileStamp>;

const SLICE = 250;

/**
 * Looks at the files of a folder that git would not ignore, and at those that are named, without reading them. Undefined where
 * there are more than `most`. Folders that could not be read have no files.
 */
export async function lookAt(
  workspace: string,
  { named, most, signal }: { named: Iterable<string>; most: number; signal: AbortSignal },
): Promise<FolderLook | undefined> {
  const paths = new Set(named);
  for await (const path of listFiles({ workspace, folder: ".", signal, unreadable: () => {} })) {
    paths.add(path);
    if (paths.size > most) return undefined;
  }
  const look: FolderLook = new Map();
  let count = 0;
  for (const path of paths) {
    // Quicker by far than to wait for each, and so nobody else waits for all of them.
    if ((count += 1) % SLICE === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    const stamp = stampOf(join(workspace, path));
    if (stamp) look.set(path, stamp);
  }
  return look;
}

/** Undefined where there is no regular file. */
function stampOf(path: string): FileStamp | undefined {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (!found?.isFile()) return undefined;
    const { size, mtimeNs, ctimeNs, ino, mode } = found;
    return { size, mtimeNs, ctimeNs, ino, mode: Number(mode & 0o7777n) };
  } catch {
    return undefined;
  }
}

/** Paths whose files are others, by all that their stamps tell: changed, come or gone. */
export function changedPaths(before: FolderLook, after: FolderLook): string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const others = [...after].filter(([path, stamp]) => {
    const old = before.get(path);
    return !old || FIELDS.some((field) => old[field] !== stamp[field]);
  });
  return [...gone, ...others.map(([path]) => path)].toSorted();
}

const FIELDS = ["size", "mtimeNs", "ctimeNs", "ino", "mode"] as const;

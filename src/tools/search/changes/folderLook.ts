import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type FolderRules, isIgnored, readRules, SKIPPED_FOLDERS } from "../walk.ts";

/** By what a file is known to be as it was. */
export interface FileStamp {
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  ino: bigint;
  mode: number;
  isLink: boolean;
}

export interface FolderLook {
  /** Files and links by their paths from there, "/" between names. */
  files: Map<string, FileStamp>;
  /** Those on the way, also where they hold nothing. */
  folders: Set<string>;
}

const SLICE = 250;

/**
 * Looks at the files of a folder that git would not ignore, and at those that are named, without reading them. Undefined where
 * there are more than `most`. Folders that could not be read have no files.
 */
export async function lookAt(
  workspace: string,
  { named, most, signal }: { named: Iterable<string>; most: number; signal: AbortSignal },
): Promise<FolderLook | undefined> {
  const look: FolderLook = { files: new Map(), folders: new Set() };
  let count = 0;
  const add = (path: string): void => {
    count += 1;
    const stamp = stampOf(`${workspace}/${path}`);
    if (stamp) look.files.set(path, stamp);
  };
  // Quicker by far than to wait for each file or to have a program list them; and so nobody else waits for all of them.
  const isTooMuch = async (): Promise<boolean> => {
    if (count >= SLICE) {
      count = 0;
      await setImmediate();
      signal.throwIfAborted();
    }
    return look.files.size > most;
  };
  const left: { path: string; above: FolderRules[] }[] = [{ path: "", above: [] }];
  for (let folder = left.pop(); folder; folder = left.pop()) {
    const { path } = folder;
    const entries = entriesOf(join(workspace, path));
    const own = entries.some(({ name }) => name === ".gitignore") ? await readRules(workspace, path) : undefined;
    const above = own ? [...folder.above, own] : folder.above;
    for (const entry of entries) {
      const isFolder = entry.isDirectory();
      if (!(isFolder ? !SKIPPED_FOLDERS.has(entry.name) : entry.isFile() || entry.isSymbolicLink())) continue;
      const place = path === "" ? entry.name : `${path}/${entry.name}`;
      if (isIgnored(place, isFolder, above)) continue;
      if (isFolder) {
        look.folders.add(place);
        left.push({ path: place, above });
      } else add(place);
      if (count >= SLICE && (await isTooMuch())) return undefined;
    }
    count += 1;
  }
  for (const path of named) {
    if (!look.files.has(path)) add(path);
    if (count >= SLICE && (await isTooMuch())) return undefined;
  }
  return look.files.size > most ? undefined : look;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Undefined where there is neither a regular file nor a link. */
function stampOf(path: string): FileStamp | undefined {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const isLink = found?.isSymbolicLink() === true;
    if (!found || !(isLink || found.isFile())) return undefined;
    const { size, mtimeNs, ctimeNs, ino, mode } = found;
    return { size, mtimeNs, ctimeNs, ino, mode: Number(mode & 0o7777n), isLink };
  } catch {
    return undefined;
  }
}

/** Paths whose files are others, by all that their stamps tell: changed, come or gone. */
export function changedPaths({ files: before }: FolderLook, { files: after }: FolderLook): string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const others = [...after].filter(([path, stamp]) => {
    const old = before.get(path);
    return !old || FIELDS.some((field) => old[field] !== stamp[field]);
  });
  return [...gone, ...others.map(([path]) => path)].toSorted();
}

const FIELDS = ["size", "mtimeNs", "ctimeNs", "ino", "mode", "isLink"] as const;

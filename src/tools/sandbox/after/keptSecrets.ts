import { type Dirent, lstatSync } from "node:fs";
import { lstat, readdir, rename } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { makeFolders } from "../../../base/files/makeFolders.ts";
import { fileId } from "../../../base/files/linkedFiles.ts";
import type { ProtectedPaths } from "../protectedScan.ts";
import { linkAbove } from "./linkAbove.ts";
import { moveAside } from "./moveAside.ts";

/** What each secret is, by its path: it stays that wherever a folder above it is moved. */
export type SecretIds = ReadonlyMap<string, string>;

export async function secretIds({ secrets }: Pick<ProtectedPaths, "secrets">): Promise<SecretIds> {
  const ids = new Map<string, string>();
  for (const { path, isGit } of secrets) {
    const id = isGit ? undefined : await idOf(path);
    if (id !== undefined) ids.set(path, id);
  }
  return ids;
}

/**
 * Puts secrets back that a command brought to where nobody takes them for such: into `node_modules`, or out of the folder that
 * tells. Resolves with the names of those.
 */
export async function putSecretsBack(workspace: string, before: SecretIds, now: SecretIds): Promise<string[]> {
  const known = new Set(now.values());
  const lost = new Map([...before].flatMap(([path, id]) => (known.has(id) ? [] : [[id, path] as const])));
  if (lost.size === 0) return [];
  const back: string[] = [];
  for (const [found, path] of await placesOf(workspace, lost)) {
    if (found === path) continue;
    const inTheWay = linkAbove(path, workspace) ?? ((await idOf(path)) === undefined ? undefined : path);
    if (inTheWay !== undefined) await moveAside(inTheWay);
    await makeFolders(dirname(path));
    await rename(found, path);
    back.push(relative(workspace, path));
  }
  return back;
}

// A command has that many names made in minutes, if it wants; what it wanted to hide is told of then.
const MOST_NAMES = 2_000_000;

/** Where they are now, and were; those that are nowhere were removed. */
async function placesOf(workspace: string, lost: ReadonlyMap<string, string>): Promise<[now: string, path: string][]> {
  const found: [string, string][] = [];
  const waiting = [workspace];
  let count = 0;
  while (waiting.length > 0 && found.length < lost.size && count < MOST_NAMES) {
    const folder = waiting.pop()!;
    for (const entry of await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])) {
      const place = join(folder, entry.name);
      count += 1;
      const stat = lstatSync(place, { bigint: true, throwIfNoEntry: false });
      const path = stat && lost.get(fileId(stat));
      if (path !== undefined) found.push([place, path]);
      else if (entry.isDirectory()) waiting.push(place);
    }
  }
  return found;
}

async function idOf(path: string): Promise<string | undefined> {
  return await lstat(path, { bigint: true }).then(fileId, () => undefined);
}

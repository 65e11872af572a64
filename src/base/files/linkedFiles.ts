import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a file is whatever its name. */
export const fileId = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`;

const MAX_FOLDERS = 50_000;

/** Every file below a folder as its real path; what packages bring along and what git keeps are left out, links not followed. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  const waiting = [folder];
  for (let count = 0; waiting.length > 0 && count < MAX_FOLDERS; count += 1) {
    const one = waiting.pop()!;
    for (const entry of await readdir(one, { withFileTypes: true }).catch((): Dirent[] => [])) {
      const path = join(one, entry.name);
      if (entry.isFile()) yield path;
      else if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git") waiting.push(path);
    }
  }
}

/** Of the files below a folder that `isWanted`, those that have a name besides: what they are, and the name that is wanted. */
export async function linkedFiles(folder: string, isWanted: (path: string) => boolean): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const path of filesBelow(folder)) {
    if (!isWanted(path)) continue;
    const stat = await lstat(path, { bigint: true }).catch(() => undefined);
    if (stat && stat.nlink > 1n) found.set(fileId(stat), path);
  }
  return found;
}

/** The names below a folder, of those that are wanted, of files that these paths name too. Costs nothing where none of them has a second name. */
export async function otherNames(
  folder: string,
  paths: string[],
  isWanted: (path: string) => boolean = () => true,
): Promise<string[]> {
  const stats = await Promise.all(paths.map((path) => lstat(path, { bigint: true }).catch(() => undefined)));
  const linked = new Set(stats.flatMap((stat) => (stat?.isFile() && stat.nlink > 1n ? [fileId(stat)] : [])));
  if (linked.size === 0) return [];
  const own = new Set(paths);
  const found: string[] = [];
  for await (const path of filesBelow(folder)) {
    if (own.has(path) || !isWanted(path)) continue;
    const stat = await lstat(path, { bigint: true }).catch(() => undefined);
    if (stat && stat.nlink > 1n && linked.has(fileId(stat))) found.push(path);
  }
  return found;
}

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * What stands in a folder where other files are to come: with none of those that go, and as paths from the folder, as
 * `coming` and `going` are. Links are not followed.
 */
export async function inTheWay(folder: string, coming: string[], going: string[]): Promise<string[]> {
  const leaving = new Set<string | undefined>();
  for (const path of going) leaving.add((await look(join(folder, path)))?.id);
  const met = new Set<string>();
  for (const path of coming) for (const one of await standing(folder, path, leaving)) met.add(one);
  return [...met];
}

/** In place of the path, below it, or where a folder above it is to be. */
async function standing(folder: string, path: string, leaving: Set<string | undefined>): Promise<string[]> {
  const names = path.split("/");
  for (let depth = 1; depth <= names.length; depth++) {
    const part = names.slice(0, depth).join("/");
    const found = await look(join(folder, part));
    if (!found) return [];
    if (!found.isFolder) return leaving.has(found.id) ? [] : [part];
  }
  return below(folder, path, leaving);
}

async function below(folder: string, path: string, leaving: Set<string | undefined>): Promise<string[]> {
  const met: string[] = [];
  for (const name of await readdir(join(folder, path))) {
    const inner = `${path}/${name}`;
    const found = await look(join(folder, inner));
    if (found?.isFolder) met.push(...(await below(folder, inner, leaving)));
    else if (found && !leaving.has(found.id)) met.push(inner);
  }
  return met;
}

/** By what the disk knows it as: a name may be written in another case. */
export async function look(path: string): Promise<{ id: string; isFolder: boolean } | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  return found && { id: `${found.dev}:${found.ino}`, isFolder: found.isDirectory() };
}

import { type Dirent, lstatSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isInside } from "../../../base/files/isInside.ts";
import { smallText } from "../../../base/files/smallText.ts";
import { isPlainName } from "./plainRepository.ts";

/**
 * What git would start or read besides because a repository's configuration or hooks lead there, as real paths in the workspace:
 * files that a value names, the folder of hooks, and what a hook is a link to.
 */
export async function gitPrograms(folder: string, workspace: string): Promise<string[]> {
  const hooks = join(folder, "hooks");
  const entries = await readdir(hooks, { withFileTypes: true }).catch((): Dirent[] => []);
  const linked = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(hooks, entry.name));
  const named = await namedIn(join(folder, "config"), folder, 0);
  return [...new Set([...linked, ...named])].flatMap((path) => realOf(path, workspace));
}

const MAX_INCLUDES = 3;

/** The files that a configuration names, those of the files that it includes too. */
async function namedIn(file: string, folder: string, depth: number): Promise<string[]> {
  const found: string[] = [];
  const root = basename(folder) === ".git" ? dirname(folder) : folder;
  for (const line of ((await smallText(file)) ?? "").split("\n")) {
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim().toLowerCase();
    if (at < 0 || isPlainName(name)) continue;
    const words = line
      .slice(at + 1)
      .split(/[\s"';|&()!]+/)
      .filter((word) => word !== "" && !word.startsWith("-"));
    for (const word of words) {
      const places = [resolve(root, word), resolve(dirname(file), word)];
      found.push(...places.filter((path) => isKind(path, name === "hookspath")));
      if (name === "path" && depth < MAX_INCLUDES)
        for (const one of places.filter((path) => isKind(path, false)))
          found.push(...(await namedIn(one, folder, depth + 1)));
    }
  }
  return found;
}

function isKind(path: string, isFolder: boolean): boolean {
  try {
    const found = lstatSync(path);
    return isFolder ? found.isDirectory() : found.isFile() || found.isSymbolicLink();
  } catch {
    return false;
  }
}

/** [] for what does not lie in the workspace. */
function realOf(path: string, workspace: string): string[] {
  try {
    const real = realpathSync(path);
    return real !== workspace && isInside(workspace, real) ? [real] : [];
  } catch {
    return [];
  }
}

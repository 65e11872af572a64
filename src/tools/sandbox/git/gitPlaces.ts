import { type Dirent, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { HiddenPath } from "../sandbox.ts";

/**
 * The folders in which git looks for a configuration, of the repository at `folder`: its own, and those of its submodules. A
 * command that may write could put one in the place of another. Undefined where there are more than anybody has.
 */
export async function gitFolders(folder: string): Promise<string[] | undefined> {
  const found = [folder];
  const waiting = [join(folder, "modules")];
  for (let count = 0; waiting.length > 0; count += 1) {
    const place = waiting.pop()!;
    if (count > MAX_MODULES) return undefined;
    for (const name of await foldersIn(place)) {
      const one = join(place, name);
      const isModule = isFolder(join(one, "HEAD")) !== undefined;
      if (isModule) found.push(one);
      // A submodule's name may have "/" in it.
      waiting.push(isModule ? join(one, "modules") : one);
    }
  }
  return found;
}

/** Folders that are looked through for submodules. */
const MAX_MODULES = 2000;

/** What of a git folder decides what git starts: it is read from there, or tells where else it is read from. */
export const GIT_RULING = [
  ...["hooks", "info", "config", "config.worktree", "commondir"],
  // Of old: names for addresses to fetch from and push to.
  ...["remotes", "branches"],
];

// Their content is that of every file there ever was, protected ones too; the configuration and the log of what was
// fetched may hold passwords.
const GIT_SECRETS: [name: string, as: HiddenPath["as"]][] = [
  ["objects", "folder"],
  ["lfs", "folder"],
  ["modules", "folder"],
  ["logs", "folder"],
  ["config", "empty"],
  ["config.worktree", "empty"],
  ["FETCH_HEAD", "empty"],
];

export function gitSecrets(folder: string): HiddenPath[] {
  return GIT_SECRETS.map(([name, as]) => ({ path: join(folder, name), as })).filter(
    ({ path, as }) => isFolder(path) === (as === "folder"),
  );
}

/** What of git's folders is there that rules. */
export function gitRuling(folders: string[]): string[] {
  return folders
    .flatMap((one) => GIT_RULING.map((name) => join(one, name)))
    .filter((path) => isFolder(path) !== undefined);
}

/** The folders that a repository keeps for its worktrees. */
export async function worktreePlaces(folder: string): Promise<string[]> {
  return (await foldersIn(join(folder, "worktrees"))).map((name) => join(folder, "worktrees", name));
}

/** Whether these names, of what lies in one folder, are those by which git takes it for a repository without files. */
export function isBareRepository(names: string[]): boolean {
  if (!names.some((name) => name.toLowerCase() === "head")) return false;
  const there = new Set(names.map((name) => name.toLowerCase()));
  return there.has("commondir") || (there.has("objects") && there.has("refs"));
}

/** Undefined where nothing is, or nothing that could be looked at. */
function isFolder(path: string): boolean | undefined {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return undefined;
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

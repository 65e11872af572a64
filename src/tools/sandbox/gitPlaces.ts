import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { HiddenPath } from "./sandbox.ts";

/**
 * The folders in which git looks for a configuration, of the repository at `folder`: its own, and those of its submodules. A
 * command that may write could put one in the place of another.
 */
export function gitFolders(folder: string): string[] {
  return [folder, ...modulesIn(join(folder, "modules"), 0)];
}

/** What of a git folder decides what git starts: it is read from there, or tells where else it is read from. */
export const GIT_RULING = ["hooks", "info", "config", "config.worktree", "commondir"];

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

/** What of it is there. */
export function gitRuling(folder: string): string[] {
  return gitFolders(folder)
    .flatMap((one) => GIT_RULING.map((name) => join(one, name)))
    .filter((path) => isFolder(path) !== undefined);
}

/** What tells each of its worktrees where the repository is; git itself makes and removes them. */
export function worktreeRuling(folder: string): string[] {
  return foldersIn(join(folder, "worktrees")).flatMap((name) =>
    ["commondir", "config.worktree"].map((file) => join(folder, "worktrees", name, file)),
  );
}

const MAX_DEPTH = 8;

/** A submodule's name may have "/" in it. */
function modulesIn(folder: string, depth: number): string[] {
  if (depth > MAX_DEPTH) return [];
  return foldersIn(folder).flatMap((name) => {
    const one = join(folder, name);
    const isModule = isFolder(join(one, "HEAD")) !== undefined;
    return isModule ? [one, ...modulesIn(join(one, "modules"), depth + 1)] : modulesIn(one, depth + 1);
  });
}

/** Undefined where nothing is, or nothing that could be looked at. */
function isFolder(path: string): boolean | undefined {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return undefined;
  }
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

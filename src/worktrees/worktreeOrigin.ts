import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isInside } from "../base/files/isInside.ts";
import { realPath } from "../base/files/realPath.ts";
import { worktreeFolders } from "./worktreeFolders.ts";

const known = new Map<string, string>();

/** The folder that a worktree of a state folder, or a folder in one, was made of: by its record, which nothing in it can change. */
export function originOf(stateDir: string, folder: string): string | undefined {
  const real = realPath(folder);
  const worktree = worktreeFolders(stateDir).find((one) => isInside(one, real));
  if (worktree === undefined) return undefined;
  const root = known.get(worktree) ?? repositoryOf(worktree);
  if (root === undefined) return undefined;
  known.set(worktree, root);
  return join(root, relative(worktree, real));
}

function repositoryOf(worktree: string): string | undefined {
  try {
    const { repository } = JSON.parse(readFileSync(`${worktree}.json`, "utf8")) as { repository?: string };
    return repository;
  } catch {
    return undefined;
  }
}

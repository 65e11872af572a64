import { lstat, readdir, readlink, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../base/files/makeFolders.ts";
import { realPath } from "../base/files/realPath.ts";

/**
 * Makes those folders in the worktree, with a link to each thing in them: a link in the folder's own place is not what
 * `node_modules/` in a .gitignore means, and would be committed. Resolves with those that are there.
 */
export async function linkIgnored(root: string, worktree: string, folders: string[]): Promise<string[]> {
  const linked: string[] = [];
  for (const folder of folders) {
    const from = join(root, folder);
    if (!(await lstat(from)).isDirectory()) continue;
    await makeFolders(join(worktree, folder));
    for (const name of await readdir(from)) {
      const target = join(from, name);
      await symlink(target, join(worktree, folder, name), await linkKind(target)).catch(() => {});
    }
    linked.push(folder);
  }
  return linked;
}

/** What Windows makes a link as: one to a folder may be made by anybody, and what is a link itself, as of pnpm, counts as its end. */
export async function linkKind(target: string): Promise<"junction" | "file"> {
  const end = await stat(target).catch(() => undefined);
  return end?.isDirectory() ? "junction" : "file";
}

/**
 * Takes the links away before anything removes the folder: what follows a link would empty what it leads to. Where one stands in the
 * place of a folder by now, what it leads to is somebody's own.
 */
export async function unlinkIgnored(worktree: string, linked: string[]): Promise<void> {
  for (const folder of linked) {
    const place = join(worktree, folder);
    if (realPath(place) !== place) continue;
    for (const name of await readdir(place).catch(() => [])) {
      const path = join(place, name);
      const isLink = await readlink(path).then(
        () => true,
        () => false,
      );
      if (isLink) await rm(path, { force: true });
    }
  }
}

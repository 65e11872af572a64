import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runGit } from "./runGit.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/**
 * Runs git in what all worktrees of a repository share, the refs of one alone left out; to be asked for while the worktree's folder
 * is there: the one that it was made of may be a worktree of the user's own that is gone.
 */
export async function commonGit({
  folder,
  repository,
}: Pick<WorktreeRecord, "folder" | "repository">): Promise<(args: string[]) => Promise<string>> {
  const common = await commonFolder(folder);
  return (args) => runGit(args, common === undefined ? { cwd: repository } : { cwd: common, env: { GIT_DIR: common } });
}

async function commonFolder(folder: string): Promise<string | undefined> {
  try {
    // Without its own, git would take a repository that it lies in.
    await lstat(join(folder, ".git"));
    return resolve(folder, (await runGit(["rev-parse", "--git-common-dir"], { cwd: folder })).replace(/\r?\n$/, ""));
  } catch {
    return undefined;
  }
}

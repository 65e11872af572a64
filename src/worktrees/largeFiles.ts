import { AppError, isAppError } from "../base/appError.ts";
import { runGit } from "./runGit.ts";
import { shownPaths } from "./shownPaths.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/** Of git where it fills a worktree: files in Git LFS are pointers there, so that nothing is fetched. */
export const AS_POINTERS = { "filter.lfs.smudge": "", "filter.lfs.process": "", "filter.lfs.required": "false" };

/** Pushes what the commits up to `tip` have in Git LFS and the remote has not, which git leaves to a hook. `conflict` where it does not go. */
export async function pushLargeFiles(
  { folder, repository }: WorktreeRecord,
  { remote, tip }: { remote: string; tip: string },
): Promise<void> {
  const listed = async (args: string[]) => (await runGit(args, { cwd: folder })).split("\0").filter(Boolean);
  const large = new Set(await listed(["ls-files", "-z", "--", ":(attr:filter=lfs)"]));
  if (large.size === 0) return;
  const commits = ["log", "-z", "--format=", "--name-only", "--no-renames", "-m", tip, "--not", `--remotes=${remote}`];
  const paths = new Set((await listed(commits)).filter((path) => large.has(path)));
  if (paths.size === 0) return;
  try {
    await runGit(["lfs", "push", remote, tip], { cwd: repository, mayConnect: true });
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
    const what = shownPaths([...paths].toSorted());
    throw new AppError("conflict", `${what}: what is in Git LFS cannot be pushed, so nothing was. ${error.message}`);
  }
}

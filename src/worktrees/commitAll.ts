import { AppError } from "../base/appError.ts";
import { nestedRepositories, strandedRepositories } from "./innerRepositories.ts";
import { demandOwnFiles } from "./repository.ts";
import { runGit } from "./runGit.ts";
import { shownPaths } from "./shownPaths.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/** Commits what no commit holds in a worktree, on its branch. `conflict` where a commit would not hold all of it. */
export async function commitAll({ folder, branch, base }: WorktreeRecord): Promise<void> {
  await demandOwnFiles(folder);
  const nested = await nestedRepositories(folder);
  if (nested.length > 0)
    throw new AppError(
      "conflict",
      `${shownPaths(nested)} in ${folder} is a repository of its own, and a commit would hold nothing of it. Move it away, or remove its .git.`,
    );
  const stranded = await strandedRepositories(folder, base);
  if (stranded.length > 0) throw new AppError("conflict", strandedWords(folder, stranded));
  await runGit(["add", "--all", "."], { cwd: folder });
  // What changed in a submodule and is not committed there is not to be committed here.
  if ((await runGit(["diff", "--cached", "--name-only"], { cwd: folder })) === "") return;
  const message = ["--quiet", "--no-verify", "--no-gpg-sign", "-m", `Work in ${branch}`];
  await runGit(["commit", ...message], { cwd: folder });
}

/** Why repositories within a worktree are in the way. */
export function strandedWords(folder: string, paths: string[]): string {
  return `${shownPaths(paths)} in ${folder} has commits that no remote of it has. Push them from there, or move it away.`;
}

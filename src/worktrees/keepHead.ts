import { runGit } from "./runGit.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/**
 * Puts the branch on the commit that is checked out in a worktree, where no branch or tag has it and it goes on from there.
 * Resolves with whether one has it then.
 */
export async function keepHead({ folder, repository, branch }: WorktreeRecord): Promise<boolean> {
  const there = (args: string[]) => runGit(args, { cwd: folder });
  const head = (await there(["rev-parse", "HEAD"])).trim();
  // As the repository sees them: a worktree has refs of its own, which go with it.
  if ((await runGit(["for-each-ref", "--count=1", "--contains", head], { cwd: repository })) !== "") return true;
  // Refused where the branch is checked out elsewhere.
  return there(["merge-base", "--is-ancestor", `refs/heads/${branch}`, head])
    .then(() => there(["branch", "--quiet", "--force", branch, head]))
    .then(
      () => true,
      () => false,
    );
}

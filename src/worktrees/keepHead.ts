import { commonGit } from "./commonGit.ts";
import { runGit } from "./runGit.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/**
 * Puts the branch on the commit that is checked out in a worktree, where no branch or tag has it and it goes on from there.
 * Resolves with whether one has it then.
 */
export async function keepHead(record: WorktreeRecord): Promise<boolean> {
  const { folder, branch } = record;
  const there = (args: string[]) => runGit(args, { cwd: folder });
  const head = (await there(["rev-parse", "HEAD"])).trim();
  // As the repository sees them: a worktree has refs of its own, which go with it.
  const common = await commonGit(record);
  if ((await common(["for-each-ref", "--count=1", "--contains", head])) !== "") return true;
  // Refused where the branch is checked out elsewhere.
  return there(["merge-base", "--is-ancestor", `refs/heads/${branch}`, head])
    .then(() => there(["branch", "--quiet", "--force", branch, head]))
    .then(
      () => true,
      () => false,
    );
}

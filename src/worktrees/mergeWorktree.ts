import { AppError } from "../base/appError.ts";
import { commitAll } from "./commitAll.ts";
import { runGit } from "./runGit.ts";
import { shownPaths } from "./shownPaths.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/**
 * Merges the branch into what the repository has checked out, or leaves all as it is: what would conflict, or meet changes
 * that somebody is at, is refused before.
 */
export async function mergeWorktree(record: WorktreeRecord): Promise<{ into: string; commit: string }> {
  const { name, folder, repository, branch, base } = record;
  const here = (args: string[]) => runGit(args, { cwd: repository });
  const there = (args: string[]) => runGit(args, { cwd: folder });
  const into = (await here(["symbolic-ref", "--quiet", "--short", "HEAD"]).catch(() => "")).trim();
  if (into === "") throw new AppError("conflict", `${repository} has no branch checked out to merge into`);
  const staged = (await here(["diff", "--cached", "--name-only", "-z"])).split("\0").filter(Boolean);
  if (staged.length > 0)
    throw new AppError("conflict", `There are staged changes in ${repository}: ${shownPaths(staged)}. Commit them first.`);
  await commitAll(record);
  const tip = (await there(["rev-parse", "HEAD"])).trim();
  if (tip === base) throw new AppError("conflict", `Worktree ${name} has no changes to merge`);
  const changed = (await here(["diff", "--name-only", "-z", "--no-renames", `HEAD...${tip}`]))
    .split("\0")
    .filter(Boolean);
  const dirty = new Set((await here(["diff", "--name-only", "-z"])).split("\0").filter(Boolean));
  const met = changed.filter((path) => dirty.has(path));
  if (met.length > 0)
    throw new AppError(
      "conflict",
      `You have changes in ${shownPaths(met)}, which the merge would change, too. Commit them first.`,
    );
  await here(["merge-tree", "--write-tree", "--name-only", "--no-messages", "HEAD", tip]).catch((error: unknown) => {
    const files = error instanceof Error ? error.message.split("\n").slice(1).filter(Boolean) : [];
    throw new AppError(
      "conflict",
      `${branch} does not merge into ${into} without conflicts: ${shownPaths(files)}. Merge it by hand.`,
    );
  });
  try {
    // Git takes the `mergeoptions` of a branch before all others, and some go with no other.
    const settings = { [`branch.${into}.mergeoptions`]: "" };
    await runGit([...MERGE, "-m", `Merge ${branch}`, tip], { cwd: repository, settings });
  } catch (error) {
    await here(["merge", "--abort"]).catch(() => "");
    throw error;
  }
  return { into, commit: (await here(["rev-parse", "HEAD"])).trim() };
}

// Said in full: what is set for merges by hand would leave it without a commit, or ask for a signature.
const MERGE = [
  ...["merge", "--quiet", "--commit", "--no-ff", "--no-squash", "--no-edit", "--no-verify", "--no-log", "--no-signoff"],
  ...["--no-gpg-sign", "--no-verify-signatures", "--no-autostash", "--no-rerere-autoupdate"],
];

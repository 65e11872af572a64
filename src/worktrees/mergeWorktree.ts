import { AppError } from "../base/appError.ts";
import { commitAll } from "./commitAll.ts";
import { inTheWay } from "./inTheWay.ts";
import { exitCode, runGit } from "./runGit.ts";
import { shownPaths } from "./shownPaths.ts";
import { dirtyPaths, type MergeChanges, standingThere, takeBack } from "./takeBack.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";

/**
 * Merges the branch into what the repository has checked out, or leaves all as it is: what would conflict, or meet changes
 * or files that no commit holds, is refused before.
 */
export async function mergeWorktree(record: WorktreeRecord): Promise<{ into: string; commit: string }> {
  const { name, folder, repository, branch, base } = record;
  const here = (args: string[]) => runGit(args, { cwd: repository });
  const merging = async () => (await here(["rev-parse", "--verify", "--quiet", "MERGE_HEAD"]).catch(() => "")).trim();
  const into = (await here(["symbolic-ref", "--quiet", "--short", "HEAD"]).catch(() => "")).trim();
  if (into === "") throw new AppError("conflict", `${repository} has no branch checked out to merge into`);
  if ((await merging()) !== "") throw new AppError("conflict", `A merge is under way in ${repository}. End it first.`);
  const staged = (await here(["diff", "--cached", "--name-only", "-z"])).split("\0").filter(Boolean);
  if (staged.length > 0)
    throw new AppError(
      "conflict",
      `There are staged changes in ${repository}: ${shownPaths(staged)}. Commit them first.`,
    );
  await commitAll(record);
  const tip = (await runGit(["rev-parse", "HEAD"], { cwd: folder })).trim();
  if (tip === base) throw new AppError("conflict", `Worktree ${name} has no changes to merge`);
  const tree = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "HEAD", tip];
  const merged = await runGit(tree, { cwd: repository, mayConnect: true }).catch((error: unknown) => {
    if (exitCode(error) === USAGE) throw new AppError("unavailable", "A merge of a worktree needs git 2.38 or newer");
    if (exitCode(error) !== CONFLICTS) throw error;
    const files = error instanceof Error ? error.message.split("\n").slice(1).filter(Boolean) : [];
    throw new AppError(
      "conflict",
      `${branch} does not merge into ${into} without conflicts: ${shownPaths(files)}. Merge it by hand.`,
    );
  });
  const head = async () => (await here(["rev-parse", "HEAD"])).trim();
  const before = await head();
  const changes = await changesTo(repository, merged.trim());
  await refuseLosses(repository, changes);
  const stood = await standingThere(repository, changes);
  try {
    // Git takes the `mergeoptions` of a branch before all others, and some go with no other.
    const settings = { [`branch.${into}.mergeoptions`]: "" };
    await runGit([...MERGE, "-m", `Merge ${branch}`, tip], { cwd: repository, settings, mayConnect: true });
  } catch (error) {
    const noted = await merging();
    if (noted === tip) await here(["merge", "--abort"]).catch(() => "");
    else if (noted === "" && !REFUSED.test((error as Error).message) && (await head().catch(() => "")) === before)
      await takeBack(repository, changes, stood).catch(() => {});
    throw error;
  }
  return { into, commit: await head() };
}

/** From what is checked out to a tree. */
async function changesTo(repository: string, tree: string): Promise<MergeChanges> {
  const list = ["diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", "HEAD", tree];
  const words = (await runGit(list, { cwd: repository })).split("\0");
  const changes: MergeChanges = { added: [], modified: [], deleted: [], entries: "" };
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [, mode, , object, kind] = words[at]!.split(" ");
    const path = words[at + 1]!;
    changes[kind === "A" ? "added" : kind === "D" ? "deleted" : "modified"].push(path);
    if (kind !== "D" && mode !== SUBMODULE) changes.entries += `${mode} ${object}\t${path}\0`;
  }
  return changes;
}

/** Git itself writes over files that it ignores. */
async function refuseLosses(repository: string, { added, modified, deleted }: MergeChanges): Promise<void> {
  const dirty = await dirtyPaths(repository);
  const met = [...modified, ...deleted].filter((path) => dirty.has(path));
  if (met.length > 0)
    throw new AppError(
      "conflict",
      `You have changes in ${shownPaths(met)}, which the merge would change, too. Commit them first.`,
    );
  const standing = await inTheWay(repository, added, deleted);
  if (standing.length > 0)
    throw new AppError(
      "conflict",
      `${shownPaths(standing)} in ${repository} is in no commit, and the merge would write over it. Move it away first.`,
    );
}

const SUBMODULE = "160000";

// What `merge-tree` ends with: whatever else is no conflict. Before 2.38 it knew no `--write-tree`.
const [CONFLICTS, USAGE] = [1, 129];

// What git says before it has written anything: of what came after all was looked at, and is in no commit.
const REFUSED = /would be (overwritten|removed) by merge|would lose untracked files/;

// Said in full: what is set for merges by hand would leave it without a commit, or ask for a signature.
const MERGE = [
  ...["merge", "--quiet", "--commit", "--no-ff", "--no-squash", "--no-edit", "--no-verify", "--no-log", "--no-signoff"],
  ...["--no-gpg-sign", "--no-verify-signatures", "--no-autostash", "--no-rerere-autoupdate"],
];

import { AppError } from "../base/appError.ts";
import { comparePage } from "./comparePage.ts";
import { commitAll } from "./commitAll.ts";
import { pushLargeFiles } from "./largeFiles.ts";
import { runGit } from "./runGit.ts";
import type { WorktreeRecord } from "./worktreeRecords.ts";
import { defined } from "../base/defined.ts";

/**
 * Commits what is not, and pushes the branch under its own name to a remote of the repository, for a pull request, behind
 * what it has in Git LFS. Nothing there is written over.
 */
export async function pushWorktree(
  record: WorktreeRecord,
  wanted: string | undefined,
): Promise<{ remote: string; branch: string; url?: string }> {
  const { name, folder, repository, branch, base } = record;
  const here = (args: string[]) => runGit(args, { cwd: repository });
  const remotes = (await here(["remote"])).split("\n").filter(Boolean);
  const remote = wanted ?? (remotes.includes("origin") ? "origin" : remotes[0]);
  if (remote === undefined) throw new AppError("conflict", `${repository} has no remote to push to`);
  if (!remotes.includes(remote))
    throw new AppError(
      "bad_request",
      `${repository} has no remote ${remote}. It has: ${remotes.join(", ") || "none"}.`,
    );
  await commitAll(record);
  const tip = (await runGit(["rev-parse", "HEAD"], { cwd: folder })).trim();
  if (tip === base) throw new AppError("conflict", `Worktree ${name} has no changes to push`);
  await pushLargeFiles(record, { remote, tip });
  const settings = { "push.pushOption": "", [`remote.${remote}.mirror`]: "false" };
  await runGit([...PUSH, "--", remote, `${tip}:refs/heads/${branch}`], { cwd: repository, settings, mayConnect: true });
  const address = (await here(["remote", "get-url", "--", remote])).trim();
  const into = (await here(["symbolic-ref", "--quiet", "--short", "HEAD"]).catch(() => "")).trim();
  const url = comparePage(address, branch, into);
  return { remote, branch, ...defined({ url }) };
}

// This branch alone, whatever else pushes by hand take along.
const PUSH = [...["push", "--quiet", "--no-verify", "--no-follow-tags", "--no-signed"], "--recurse-submodules=no"];

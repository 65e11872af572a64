import type { ClosedFiles } from "./folders.ts";
import type { Worktree, WorktreeState } from "../../protocol/worktree.ts";

/** Git worktrees for sub-agents: files of their own, on a branch of their own. Records and folders outlive the process. */
export interface Worktrees {
  /** Of the repository that the folder lies in, at its newest commit. bad_request where there is none; `conflict` when there are too many. */
  create(request: { folder: string; label: string }): Promise<Worktree>;
  /** Says whose it is. */
  assign(name: string, sessionKey: string): Promise<void>;
  /** Newest first. */
  list(): Promise<WorktreeState[]>;
  /**
   * All that differs from the base, committed or not, as a patch for `git apply`; `left`: the closed files among that, which are
   * not in it. not_found when there is none of that name.
   */
  diff(name: string, closed?: ClosedFiles): Promise<{ patch: string; left: string[] }>;
  /** Commits what is not, and merges the branch into what the repository has checked out. `conflict` when that would not go smoothly; nothing is changed then. */
  merge(name: string): Promise<{ into: string; commit: string }>;
  /** Commits what is not, and pushes the branch to a remote ("origin" by default). `url`: where a pull request of it is made. */
  push(name: string, remote?: string): Promise<{ remote: string; branch: string; url?: string }>;
  /**
   * Removes the folder, and the branch where another one has its commits. `conflict` when something would be lost, unless `force`;
   * with `losing`, so many files with changes that no commit holds may be, and nothing else.
   */
  remove(
    name: string,
    options: { force: boolean; losing?: { uncommitted: number } | undefined },
  ): Promise<{ branchKept: boolean }>;
  /** The name of the one that the folder is, or lies in. */
  nameOf(folder: string): string | undefined;
  /** The folder of the repository that one of them was made of; undefined for any other folder. */
  origin(folder: string): string | undefined;
}

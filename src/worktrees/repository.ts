import { realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { AppError, isAppError } from "../base/appError.ts";
import { runGit } from "./runGit.ts";

/** The repository that a folder lies in. */
export interface Repository {
  root: string;
  /** Of the folder within it; "" for the root. */
  inside: string;
  head: string;
}

/** What git says where there is none, or nothing in it. All else, of its settings or of whose folder it is, is for the user to read. */
const NONE = /not a git repository|must be run in a work tree|single revision/;

/** bad_request where there is none, nothing was committed yet, or git refuses the folder. */
export async function findRepository(folder: string): Promise<Repository> {
  const refuse = (why: string) => new AppError("bad_request", `A worktree needs a git repository: ${why}`);
  const ask = async (args: string[], why: string) => {
    try {
      // Of a folder's name blanks and line ends are a part.
      return (await runGit(args, { cwd: folder })).replace(/\r?\n$/, "");
    } catch (error) {
      if (!isAppError(error) || error.code !== "conflict") throw error;
      if (NONE.test(error.message)) throw refuse(why);
      throw new AppError("bad_request", `Git does not work in ${folder}: ${error.message}`);
    }
  };
  const root = await realpath(await ask(["rev-parse", "--show-toplevel"], `${folder} is in none`));
  const head = await ask(["rev-parse", "--verify", "HEAD^{commit}"], `${root} has no commit yet`);
  return { root, inside: relative(root, await realpath(folder)), head };
}

/** `conflict` where git, in the folder of a worktree, works on the files of another one. */
export async function demandOwnFiles(folder: string): Promise<void> {
  const asked = await runGit(["rev-parse", "--show-toplevel"], { cwd: folder }).catch(() => "");
  const top = asked.replace(/\r?\n$/, "");
  if (top !== "" && (await realpath(top)) === (await realpath(folder))) return;
  throw new AppError(
    "conflict",
    `In a worktree of this repository git works on other files${top === "" ? "" : `, those of ${top}`}: core.worktree stands in the configuration that all worktrees share (git config --show-origin core.worktree says where; with extensions.worktreeConfig it belongs into config.worktree)`,
  );
}

/** What of a repository a worktree does not have. */
export async function missingIn({ root }: Repository): Promise<string[]> {
  const notes: string[] = [];
  const changed = await uncommitted(root);
  if (changed > 0) notes.push(`${count(changed, "file")} with uncommitted changes in ${root}: they are not here`);
  if (await exists(join(root, ".gitmodules")))
    notes.push("Submodules are not filled: git submodule update --init does");
  const attributes = await runGit(["grep", "-l", "-e", "filter=lfs", "--", ".gitattributes", "**/.gitattributes"], {
    cwd: root,
  }).catch(() => "");
  if (attributes.trim() !== "") notes.push("Files in Git LFS are pointers: git lfs pull fetches them");
  return notes;
}

/** Files with changes that no commit holds, those that are new included. */
export async function uncommitted(folder: string): Promise<number> {
  const status = ["status", "--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=none"];
  const listed = await runGit(status, { cwd: folder });
  return listed.split("\0").filter((entry) => /^[ MADRCUT?]{2} /.test(entry)).length;
}

export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

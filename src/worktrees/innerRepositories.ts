import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { runGit } from "./runGit.ts";

/** Folders of a worktree that are repositories of their own and in no commit: git would commit their number, and nothing of them. */
export async function nestedRepositories(folder: string): Promise<string[]> {
  const listed = await paths(folder, ["ls-files", "-z", "--others", "--exclude-standard"]);
  // Git names a folder only where it is a repository: of others it names the files.
  return listed.filter((path) => path.endsWith("/")).map((path) => path.slice(0, -1));
}

/** Submodules that are filled in a folder, and what was committed like them, with commits that none of their remotes has, nor `base` names. */
export async function strandedRepositories(folder: string, base: string | undefined): Promise<string[]> {
  const stranded: string[] = [];
  const entries = await paths(folder, ["ls-files", "-z", "--stage"]);
  for (const entry of entries.filter((one) => one.startsWith("160000 "))) {
    const path = entry.slice(entry.indexOf("\t") + 1);
    const inner = join(folder, path);
    if (!(await lstat(join(inner, ".git")).catch(() => undefined))) continue;
    const known = base && (await numberIn(folder, base, path));
    if (await hasOwnCommits(inner, known)) stranded.push(path);
    else for (const deeper of await strandedRepositories(inner, known)) stranded.push(`${path}/${deeper}`);
  }
  return stranded;
}

/** All repositories within a folder whose own commits would go with it. */
export async function repositoriesToLose(folder: string, base: string): Promise<string[]> {
  const lost = await strandedRepositories(folder, base);
  for (const path of await nestedRepositories(folder))
    if (await hasOwnCommits(join(folder, path), undefined)) lost.push(path);
  return lost;
}

async function paths(folder: string, args: string[]): Promise<string[]> {
  return (await runGit(args, { cwd: folder })).split("\0").filter(Boolean);
}

async function numberIn(folder: string, commit: string, path: string): Promise<string | undefined> {
  const found = runGit(["rev-parse", "--verify", "--quiet", `${commit}:${path}`], { cwd: folder });
  return found.then(
    (number) => number.trim(),
    () => undefined,
  );
}

/** True of one that cannot be read, too. Nothing is fetched for it: where from would be up to what is in the worktree. */
async function hasOwnCommits(folder: string, known: string | undefined): Promise<boolean> {
  const list = ["rev-list", "--max-count=1", "--exclude-promisor-objects", "--ignore-missing"];
  const own = ["--exclude=refs/tags/*", "--all", "--not", "--remotes", ...(known === undefined ? [] : [known])];
  return runGit([...list, ...own], { cwd: folder }).then(
    (commit) => commit !== "",
    () => true,
  );
}

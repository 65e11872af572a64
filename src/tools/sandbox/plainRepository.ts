import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gitFolders } from "./gitPlaces.ts";

/**
 * Whether git would start nothing because of a repository that a command made, as after a clone: its configuration names no
 * program and no other place, and there are no hooks but examples. `place` is the folder ".git", or the file of a worktree or
 * a submodule that says where it is; `known` are the folders of repositories that were there before.
 */
export function isPlainRepository(place: string, known: ReadonlySet<string>): boolean {
  try {
    const said = linkIn(place);
    const folder = said === undefined ? place : resolve(dirname(place), said);
    if (known.has(folder)) return true;
    const common = said === undefined ? undefined : textOf(join(folder, "commondir"));
    if (common !== undefined)
      return known.has(resolve(folder, common.trim())) && !existsSync(join(folder, "config.worktree"));
    return gitFolders(folder).every(isPlainFolder);
  } catch {
    return false;
  }
}

/** What a file in the place of ".git" says; undefined for a folder. */
function linkIn(place: string): string | undefined {
  try {
    return readFileSync(place, "utf8")
      .replace(/^gitdir:\s*/, "")
      .trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EISDIR") return undefined;
    throw error;
  }
}

function isPlainFolder(folder: string): boolean {
  if (["commondir", "config.worktree"].some((name) => existsSync(join(folder, name)))) return false;
  const hooks = existsSync(join(folder, "hooks")) ? readdirSync(join(folder, "hooks")) : [];
  const lines = (textOf(join(folder, "config")) ?? "").split("\n");
  return hooks.every((name) => name.endsWith(".sample")) && lines.every((line) => PLAIN_LINE.test(line));
}

// What git writes itself when it makes or clones a repository, and who commits there.
const PLAIN_LINE =
  /^\s*([#;].*|\[(core|user|init|extensions|(remote|branch|submodule) "[^"\\]*")\]|(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|objectformat|refstorage|url|fetch|pushurl|tagopt|remote|merge|rebase|active|name|email|defaultbranch) = [^\\]*)?\s*$/i;

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

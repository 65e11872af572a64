import { realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isInside } from "../../../base/files/isInside.ts";
import { smallText } from "../../../base/files/smallText.ts";

/** The real folder that a file in the place of a repository names; undefined where none is, as in one that git is about to write. */
export async function namedRepository(file: string): Promise<string | undefined> {
  const said = await smallText(file, { noLink: true });
  return said === undefined || said === ""
    ? undefined
    : await realFolder(resolve(dirname(file), said.replace(/^gitdir:\s*/, "").trim()));
}

/** The one that a repository takes its configuration from, when that is another. */
export async function commonRepository(folder: string): Promise<string | undefined> {
  const said = await smallText(join(folder, "commondir"), { noLink: true });
  return said === undefined || said === "" ? undefined : await realFolder(resolve(folder, said.trim()));
}

/** Whether a folder is one of a repository's own: of a worktree, or of a submodule. */
export function isPartOf(repository: string, folder: string): boolean {
  if (!isInside(repository, folder)) return false;
  const [first] = relative(repository, folder).split(sep);
  return first === "worktrees" || first === "modules";
}

async function realFolder(path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  const isFolder = real !== undefined && (await stat(real).catch(() => undefined))?.isDirectory();
  return isFolder ? real : undefined;
}

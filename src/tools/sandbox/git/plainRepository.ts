import { lstatSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { smallText } from "../../../base/files/smallText.ts";
import { gitFolders } from "./gitPlaces.ts";

/**
 * Whether git would start nothing because of a repository that a command made, as after a clone: its configuration names no
 * program and no other place, and there are no hooks but examples. `place` is the folder that git keeps it in, or the file of a
 * worktree or a submodule that says where it is; `known` are the folders of repositories that were there before.
 */
export async function isPlainRepository(place: string, known: ReadonlySet<string>): Promise<boolean> {
  const is = look(place);
  if (!is || !(is.isDirectory() || is.isFile())) return false;
  const named = is.isFile() ? await textOf(place) : "";
  if (named === undefined) return false;
  const folder = is.isFile() ? resolve(dirname(place), named.replace(/^gitdir:\s*/, "").trim()) : place;
  if (known.has(folder)) return true;
  if (is.isFile() && look(join(folder, "commondir"))) {
    const said = await textOf(join(folder, "commondir"));
    if (said === undefined || look(join(folder, "config.worktree"))) return false;
    const common = resolve(folder, said.trim());
    return known.has(common) || (look(common)?.isDirectory() === true && (await isPlainRepository(common, known)));
  }
  for (const one of (await gitFolders(folder)) ?? [""]) if (!(await isPlainFolder(one))) return false;
  return true;
}

async function isPlainFolder(folder: string): Promise<boolean> {
  if (["commondir", "config.worktree"].some((name) => look(join(folder, name)))) return false;
  const [hooks = [], ...addresses] = await Promise.all(
    ["hooks", "remotes", "branches"].map((name) => namesIn(join(folder, name))),
  );
  if (addresses.some((names) => names.length > 0)) return false;
  const config = join(folder, "config");
  const text = look(config) ? await textOf(config) : "";
  return hooks.every((name) => name.endsWith(".sample")) && text !== undefined && text.split("\n").every(isPlainLine);
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? [] : ["unknown"]));
}

// What git writes itself when it makes or clones a repository, and who commits there.
const PLAIN_HEAD = /^\[(core|user|init|extensions|(remote|branch|submodule) "[^"\\]*")\]$/i;
const PLAIN_NAMES = new Set([
  ..."repositoryformatversion filemode bare logallrefupdates ignorecase precomposeunicode symlinks objectformat".split(
    " ",
  ),
  ..."refstorage url fetch pushurl tagopt remote merge rebase active name email defaultbranch".split(" "),
]);

function isPlainLine(line: string): boolean {
  const text = line.trim();
  if (text === "" || /^[#;]/.test(text) || PLAIN_HEAD.test(text)) return true;
  const at = text.indexOf("=");
  return at > 0 && isPlainName(text.slice(0, at).trim()) && !text.includes("\\");
}

/** Whether a value of git's configuration with this name never tells what to start, or what else to read. */
export function isPlainName(name: string): boolean {
  return PLAIN_NAMES.has(name.toLowerCase());
}

/** Small, for nobody writes more: what is larger is not plain. */
async function textOf(path: string): Promise<string | undefined> {
  return await smallText(path, { limit: 256 * 1024, noLink: true });
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

import { lstatSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { smallText } from "../../../base/files/smallText.ts";
import { gitFolders } from "./gitPlaces.ts";

/**
 * Whether git would start nothing because of a repository that a command made, as after a clone: its configuration names no
 * program and no other place, and there are no hooks but examples. `place` is the folder that git keeps it in, or the file of a
 * worktree or a submodule that says where it is; `known` are the folders of repositories that were there before. With `isRunning`
 * the command goes on, and so is what git is about to write and refuses until then.
 */
export async function isPlainRepository(
  place: string,
  known: ReadonlySet<string>,
  { isRunning = false } = {},
): Promise<boolean> {
  const is = look(place);
  if (!is) return true;
  if (!is.isDirectory() && !is.isFile()) return false;
  const named = is.isFile() ? await textOf(place) : place;
  if (named === null) return true;
  // Where a folder has taken the file's place meanwhile, that is what there is to tell of.
  if (named === undefined)
    return look(place)?.isDirectory() === true && (await isPlainRepository(place, known, { isRunning }));
  if (named === "") return isRunning;
  const folder = is.isFile() ? resolve(dirname(place), named.replace(/^gitdir:\s*/, "").trim()) : place;
  if (known.has(folder)) return true;
  // Read once: it is there a moment later where git is making a worktree.
  const said = await textOf(join(folder, "commondir"));
  if (said === null) return await isPlainWithin(folder);
  if (said === undefined) return false;
  if (said === "") return isRunning;
  // Without its commondir it would be a repository of its own.
  if (!(await isPlainFolder(folder))) return false;
  const common = resolve(folder, said.trim());
  if (is.isDirectory() && dirname(folder) !== join(common, "worktrees")) return false;
  if (known.has(common)) return true;
  return look(common)?.isDirectory() === true && !look(join(common, "commondir")) && (await isPlainWithin(common));
}

/** The folder itself, wherever it says that its configuration is, and those of its submodules. */
async function isPlainWithin(folder: string): Promise<boolean> {
  const folders = await gitFolders(folder);
  if (!folders) return false;
  for (const one of folders)
    if ((one !== folder && look(join(one, "commondir"))) || !(await isPlainFolder(one))) return false;
  return true;
}

async function isPlainFolder(folder: string): Promise<boolean> {
  if (look(join(folder, "config.worktree"))) return false;
  const [hooks = [], ...addresses] = await Promise.all(
    ["hooks", "remotes", "branches"].map((name) => namesIn(join(folder, name))),
  );
  if (addresses.some((names) => names.length > 0)) return false;
  const text = await textOf(join(folder, "config"));
  if (text === undefined) return false;
  return hooks.every((name) => name.endsWith(".sample")) && (text ?? "").split("\n").every(isPlainLine);
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    ["ENOENT", "ENOTDIR"].includes(error.code ?? "") ? [] : ["unknown"],
  );
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

/** Small, for nobody writes more: what is larger is not plain. Null where nothing is. */
async function textOf(path: string): Promise<string | null | undefined> {
  return await smallText(path, { limit: 256 * 1024, noLink: true, none: null });
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

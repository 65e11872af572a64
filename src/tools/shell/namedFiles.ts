import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { isAppError } from "../../base/appError.ts";
import type { Files } from "../../core/ports/files.ts";
import { packageScripts } from "../../rules/protectedPath.ts";
import type { Dialect } from "../../shell/shellLine.ts";
import { runnableNames } from "../../shell/runnableNames.ts";
import { toWorkspacePath } from "../files/workspacePath.ts";
import { roughWords } from "../../shell/roughWords.ts";
import { systemShell } from "../../processes/systemShell.ts";

/**
 * A digest of the files of the workspace that a command names: a script that it would run, a list that it would read, and what
 * the programs that it names run without being told (the scripts of package.json, a Makefile). Words count in each folder that
 * the command names, too: "cd web && sh run.sh". It is another when one of them was changed, made or removed. "" where it names
 * none.
 */
export async function namedFilesDigest(
  command: string,
  workspace: string,
  files: Files,
  dialect: Dialect = systemShell.kind,
): Promise<string> {
  const digest = createHash("sha256");
  let named = 0;
  const given = roughWords(command, dialect);
  const words = [...new Set([...given, ...runnableNames(given)])];
  const folders = await foldersOf(words, workspace);
  for (const folder of folders) {
    for (const word of words) {
      const state = await stateOf(join(folder, word), workspace, files);
      if (state === undefined) continue;
      named += 1;
      digest.update(`${folder}\0${word}\0${state}\0`);
    }
  }
  return named === 0 ? "" : digest.digest("hex");
}

/** How often words are looked for in folders: a long text of many words is no list of scripts. */
export const MAX_LOOKS = 5000;

/** The workspace, and each folder that the words lead to, one after another: for "cd a; cd b" also a/b. */
export async function foldersOf(words: string[], workspace: string): Promise<string[]> {
  const most = mostFolders(words);
  const found = [""];
  const listed = new Map<string, Set<string> | undefined>();
  for (const word of most > 1 ? words : []) {
    for (const folder of [...found]) {
      if (!listed.has(folder)) listed.set(folder, await namesIn(resolve(workspace, folder)));
      if (found.length >= most || !mayLeadOn(word, listed.get(folder))) continue;
      const place = join(folder, word);
      if (!found.includes(place) && (await isFolderBelow(place, workspace))) found.push(place);
    }
  }
  return found;
}

/** What a folder holds, each name as `foldName` gives it; undefined where that cannot be told. */
async function namesIn(folder: string): Promise<Set<string> | undefined> {
  return await readdir(folder).then(
    (names) => new Set(names.map(foldName)),
    () => undefined,
  );
}

/** Whether a word begins with a name of those, or with what is no name. Most words of a text do not. */
function mayLeadOn(word: string, names: Set<string> | undefined): boolean {
  const [first = ""] = word.split(/[\\/]/, 1);
  // A short name of Windows stands for another, and so may a drive.
  const isName = !/^\.{0,2}$|~\d|:/.test(first) && !word.includes("..");
  return names === undefined || !isName || names.has(foldName(first));
}

/** Some file systems take names of other case, and of other forms, for the same. */
export const foldName = (name: string): string => name.normalize("NFC").toLowerCase();

/** In how many folders so many words are looked for; where there are as many, others may have been left out. */
export function mostFolders(words: string[]): number {
  return Math.max(1, Math.floor(MAX_LOOKS / words.length));
}

async function isFolderBelow(path: string, workspace: string): Promise<boolean> {
  const place = resolve(workspace, path);
  if (place === workspace || !isInside(workspace, place)) return false;
  return await isFolder(place);
}

/** Whether a path leads to a folder, also by a link. */
export async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Undefined for what is no file of the workspace. */
async function stateOf(word: string, workspace: string, files: Files): Promise<string | undefined> {
  try {
    // Most words are no files: the cheapest question first.
    const found = await stat(resolve(workspace, word));
    if (!found.isFile()) return undefined;
    const { real } = await toWorkspacePath(workspace, word, true);
    // As the user's editor has it: an earlier call of the same answer may be about to write it.
    const text = await files.readText(real).catch(() => `${found.size} ${found.mtimeMs}`);
    if (typeof text === "string") return text;
    // Installing changes the rest of it, and runs no other scripts.
    const scripts = basename(real) === "package.json" ? packageScripts(text.text) : undefined;
    return scripts ?? `${text.encoding} ${text.text}`;
  } catch (error) {
    if (isAppError(error)) return undefined;
    return (error as NodeJS.ErrnoException).code === undefined ? Promise.reject(error as Error) : undefined;
  }
}

import { type Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isAppError } from "../../base/appError.ts";
import { openRealFile } from "../../base/files/realFile.ts";
import { type IgnoreRules, parseIgnoreRules } from "./ignoreRules.ts";

/** Never searched: they are large, and nobody's own. */
export const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", "node_modules"]);

export interface WalkRequest {
  workspace: string;
  /** From the workspace, "." for all of it. */
  folder: string;
  signal: AbortSignal;
  /** Told of folders that could not be read. */
  unreadable(path: string): void;
  /** Told of each folder, "" for the workspace, just before it is read. */
  entering?(path: string): Promise<void>;
}

/**
 * All files of a workspace below a folder, as paths from the workspace with "/", sorted within each folder. Respects
 * .gitignore files from the workspace down and follows no links. Folders that cannot be read are passed over, and told.
 */
export async function* walk(request: WalkRequest): AsyncGenerator<string> {
  const { workspace, folder } = request;
  yield* walkFolder(request, folder === "." ? "" : folder, await rulesAbove(workspace, folder));
}

/** What the .gitignore files from the workspace down to a folder say of what is in it, its own left out. */
export async function rulesAbove(workspace: string, folder: string): Promise<FolderRules[]> {
  const above: FolderRules[] = [];
  const names = folder === "." ? [] : folder.split("/");
  for (let depth = 0; depth < names.length; depth += 1) {
    const rules = await readRules(workspace, names.slice(0, depth).join("/"));
    if (rules) above.push(rules);
  }
  // Whoever names an ignored folder wants to see into it.
  return above.filter(
    (rules) => !names.some((_, depth) => isIgnored(names.slice(0, depth + 1).join("/"), true, [rules])),
  );
}

/** What a folder's .gitignore says; its base ends with "/", and is "" for the workspace. */
export interface FolderRules {
  base: string;
  says: IgnoreRules;
}

async function* walkFolder(request: WalkRequest, folder: string, above: FolderRules[]): AsyncGenerator<string> {
  const { workspace, signal, unreadable } = request;
  signal.throwIfAborted();
  await request.entering?.(folder);
  const own = await readRules(workspace, folder);
  const rules = own ? [...above, own] : above;
  const entries = await readdir(join(workspace, folder), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException): Dirent[] => {
      // What was removed meanwhile is not missing.
      if (error.code !== "ENOENT") unreadable(folder || ".");
      return [];
    },
  );
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name) && !isIgnored(path, true, rules)) yield* walkFolder(request, path, rules);
    } else if (entry.isFile() && !isIgnored(path, false, rules)) yield path;
  }
}

// A folder that somebody else made may hold a .gitignore without end, or one that is no file.
const MAX_RULE_BYTES = 1_000_000;

/** Those of a folder of the workspace; undefined where it has none. */
export async function readRules(workspace: string, folder: string): Promise<FolderRules | undefined> {
  try {
    await using file = await openRealFile(join(workspace, folder, ".gitignore"), "read");
    const bytes = Buffer.alloc(Math.min((await file.stat()).size, MAX_RULE_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const says = parseIgnoreRules(bytes.subarray(0, bytesRead).toString("utf8"));
    return { base: folder === "" ? "" : `${folder}/`, says };
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** Whether git ignores a path of the workspace, of which the folders on the way are not. The deepest rule that says anything decides. */
export function isIgnored(path: string, isFolder: boolean, rules: FolderRules[]): boolean {
  for (const { base, says } of rules.toReversed()) {
    if (!path.startsWith(base)) continue;
    const verdict = says.decide(path.slice(base.length), isFolder);
    if (verdict !== undefined) return verdict;
  }
  return false;
}

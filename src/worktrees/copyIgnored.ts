import { cp, lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "../base/files/makeFolders.ts";
import { sizeWords } from "../base/text/sizeWords.ts";
import { folderSize } from "./folderSize.ts";

const MOST_BYTES = 200_000_000;

/**
 * Copies files and folders of a repository into a worktree, where nothing is in their place. Links stay links, pipes and the
 * like are left out. Resolves with what is there, and a note for each that is not.
 */
export async function copyIgnored(
  root: string,
  worktree: string,
  places: string[],
): Promise<{ copied: string[]; notes: string[] }> {
  const copied: string[] = [];
  const notes: string[] = [];
  let left = MOST_BYTES;
  for (const place of places) {
    const bytes = await sizeOf(join(root, place));
    if (bytes > left) {
      notes.push(`${place} is not copied: with it it would be more than ${sizeWords(MOST_BYTES)}`);
      continue;
    }
    try {
      await makeFolders(dirname(join(worktree, place)));
      await cp(join(root, place), join(worktree, place), {
        recursive: true,
        force: false,
        verbatimSymlinks: true,
        filter: async (path) => isPlain(path),
      });
      copied.push(place);
      left -= bytes;
    } catch (error) {
      notes.push(`${place} could not be copied: ${(error as Error).message}`);
    }
  }
  return { copied, notes };
}

async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() ? await folderSize(path) : (found?.size ?? 0);
}

async function isPlain(path: string): Promise<boolean> {
  const found = await lstat(path);
  return found.isFile() || found.isDirectory() || found.isSymbolicLink();
}

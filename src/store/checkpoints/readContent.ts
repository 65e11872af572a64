import { lstat, readlink } from "node:fs/promises";
import { dirname } from "node:path";
import { openRealFile } from "../../base/files/realFile.ts";
import { followPath } from "../../base/files/realPath.ts";

// What is longer is no text that an agent writes, and would fill the disk.
const MOST_BYTES = 10_000_000;

/** The mode of a link, whose bytes are where it leads. */
export const LINK_MODE = 0o120000;

export type FoundContent =
  | { bytes: Buffer; mode: number; problem: "" }
  | { bytes: null; mode: 0; problem: "" }
  /** Something is there that is not kept, and why. */
  | { bytes: undefined; mode: 0; problem: string };

/**
 * What is at a real path; of a link where it leads, and nothing of what is there. A folder, a pipe or what is too long is not
 * read, nor what a folder that has become a link leads to by now.
 */
export async function readContent(path: string): Promise<FoundContent> {
  if (await leadsElsewhere(dirname(path))) return notKept("its folder has become a link to somewhere else");
  const stat = await lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!stat) return { bytes: null, mode: 0, problem: "" };
  if (stat.isSymbolicLink()) return { bytes: await readlink(path, "buffer"), mode: LINK_MODE, problem: "" };
  if (!stat.isFile()) return notKept(stat.isDirectory() ? "it is a folder" : "it is no regular file");
  if (stat.size > MOST_BYTES) return notKept(`it has ${stat.size} bytes`);
  await using file = await openRealFile(path, "read");
  return { bytes: await file.readFile(), mode: stat.mode & 0o7777, problem: "" };
}

/** The topmost folder on the way to a path that is not there; undefined where all are. */
export async function missingFolder(path: string): Promise<string | undefined> {
  let missing: string | undefined;
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    if (await lstat(folder).catch(() => undefined)) break;
    missing = folder;
  }
  return missing;
}

/** Whether a folder, or what there is of the way to it, is no longer where its real path says. */
async function leadsElsewhere(folder: string): Promise<boolean> {
  try {
    return (await followPath(folder)) !== folder;
  } catch (error) {
    if (!isMissing(error) || dirname(folder) === folder) throw error;
    // A link that leads nowhere is missing, too, and a folder made through it would lie elsewhere.
    if ((await lstat(folder).catch(() => undefined))?.isSymbolicLink()) return true;
    return await leadsElsewhere(dirname(folder));
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function notKept(problem: string): FoundContent {
  return { bytes: undefined, mode: 0, problem };
}

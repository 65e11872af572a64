import { lstat, readFile, realpath } from "node:fs/promises";
import { dirname } from "node:path";

// What is longer is no text that an agent writes, and would fill the disk.
const MOST_BYTES = 10_000_000;

export type FoundContent =
  | { bytes: Buffer; mode: number; problem: "" }
  | { bytes: null; mode: 0; problem: "" }
  /** Something is there that is not kept, and why. */
  | { bytes: undefined; mode: 0; problem: string };

/** The deepest folder on the way to a path that is there, by the name that it really has. */
export async function realParent(path: string): Promise<{ named: string; real: string }> {
  for (let named = dirname(path); ; named = dirname(named)) {
    const real = await realpath(named).catch((error: NodeJS.ErrnoException) => {
      if ((error.code === "ENOENT" || error.code === "ENOTDIR") && dirname(named) !== named) return undefined;
      throw error;
    });
    if (real !== undefined) return { named, real };
  }
}

/** What is at a real path. A link, a folder, a pipe or what is too long is not read. */
export async function readContent(path: string): Promise<FoundContent> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  const folder = await realParent(path);
  // What was a folder of the workspace may be a link to anywhere by now.
  if (folder.real !== folder.named) return { bytes: undefined, mode: 0, problem: "its folder has become a link" };
  if (!stat) return { bytes: null, mode: 0, problem: "" };
  if (!stat.isFile()) return { bytes: undefined, mode: 0, problem: "it is no regular file" };
  if (stat.size > MOST_BYTES) return { bytes: undefined, mode: 0, problem: `it has ${stat.size} bytes` };
  return { bytes: await readFile(path), mode: stat.mode & 0o7777, problem: "" };
}

import { lstat, readFile } from "node:fs/promises";

// What is longer is no text that an agent writes, and would fill the disk.
const MOST_BYTES = 10_000_000;

export type FoundContent =
  | { bytes: Buffer; mode: number; problem: "" }
  | { bytes: null; mode: 0; problem: "" }
  /** Something is there that is not kept, and why. */
  | { bytes: undefined; mode: 0; problem: string };

/** What is at a real path. A link, a folder, a pipe or what is too long is not read. */
export async function readContent(path: string): Promise<FoundContent> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!stat) return { bytes: null, mode: 0, problem: "" };
  if (!stat.isFile()) return { bytes: undefined, mode: 0, problem: "it is no regular file" };
  if (stat.size > MOST_BYTES) return { bytes: undefined, mode: 0, problem: `it has ${stat.size} bytes` };
  return { bytes: await readFile(path), mode: stat.mode & 0o7777, problem: "" };
}

import { constants } from "node:fs";
import { open } from "node:fs/promises";

const MOST = 16 * 1024 * 1024;

/** A file's bytes; undefined where there is no regular file, or one too large to be a script. */
export async function scriptBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    // A pipe would otherwise wait for a writer.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat();
      return stat.isFile() && stat.size <= MOST ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

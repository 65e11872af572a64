import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { rename, rm, stat, writeFile } from "node:fs/promises";
import { headOf } from "../cutText.ts";
import { fileFault } from "./fileFault.ts";
import type { LaneFence } from "./fileLane.ts";
import { type Patience, whileHeld } from "./whileHeld.ts";

export interface Replacing extends Patience {
  /** Asked right before each try; when it rejects, the file stays as it is. */
  fence?: LaneFence;
}

/**
 * Puts a text in the place of a file's: readers see the old one or the new, never a part. A file that another
 * program holds is waited for. Rejects with `unavailable` when it cannot be had.
 */
export async function replaceFile(
  path: string,
  text: string | Uint8Array,
  mode: number,
  { fence, ...patience }: Replacing = {},
): Promise<void> {
  // A name may be 255 bytes long, and a character take four of them.
  const fresh = join(dirname(path), `${headOf(basename(path), 50)}.${randomBytes(6).toString("hex")}`);
  try {
    // Windows says of a folder what it says of a file that is held.
    if ((await stat(path).catch(() => undefined))?.isDirectory())
      throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR" });
    await writeFile(fresh, text, { mode, flag: "wx" });
    await whileHeld(
      path,
      async () => {
        await fence?.();
        await rename(fresh, path);
      },
      patience,
    );
  } catch (error) {
    await rm(fresh, { force: true });
    throw fileFault(error, path, "written");
  }
}

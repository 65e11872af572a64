import { chmodSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../base/appError.ts";
import { deadLink } from "../base/files/deadLink.ts";
import { entryAt } from "../base/files/entryAt.ts";
import { fileFault } from "../base/files/fileFault.ts";
import { makeFoldersNow } from "../base/files/makeFolders.ts";
import { realPath } from "../base/files/realPath.ts";
import { replaceFile, type Replacing } from "../base/files/replaceFile.ts";
import { readableText } from "../base/text/textBytes.ts";

/**
 * The text of a file that only its owner may read, in whatever encoding an editor saved it; undefined when there is none.
 * Others being able to read it is `forbidden`.
 */
export function readPrivateFile(path: string): string | undefined {
  const stat = entryAt(path);
  if (!stat) {
    const dead = deadLink(path);
    if (dead) throw dead;
    return undefined;
  }
  // Of a pipe, reading would wait for its writer, for ever.
  if (!stat.isFile()) {
    const what = stat.isDirectory() ? "there is a folder of that name" : "it is no regular file";
    throw new AppError("unavailable", `${path} could not be read: ${what}`);
  }
  // Windows has no such bits; the profile folder is private there.
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8);
    throw new AppError(
      "forbidden",
      `${path} holds secrets and others can read it (mode ${mode}); run: chmod 600 '${path}'`,
    );
  }
  try {
    return readableText(readFileSync(path));
  } catch (error) {
    throw fileFault(error, path, "read");
  }
}

/** Writes a file that only its owner may read, as `replaceFile` does. One that is a link, into a folder of dotfiles say, stays one. */
export async function writePrivateFile(
  path: string,
  text: string | Uint8Array,
  replacing: Replacing = {},
): Promise<void> {
  const dead = deadLink(path);
  if (dead) throw dead;
  makePrivateFolder(dirname(path));
  await replaceFile(realPath(path), text, 0o600, replacing);
}

/** Makes a folder that only its owner may enter; one that is there already keeps its rights. */
export function makePrivateFolder(path: string): void {
  const dead = deadLink(path);
  if (dead) throw dead;
  try {
    const isNew = makeFoldersNow(path, 0o700);
    if (isNew && process.platform !== "win32") chmodSync(path, 0o700);
  } catch (error) {
    throw fileFault(error, path, "written");
  }
}

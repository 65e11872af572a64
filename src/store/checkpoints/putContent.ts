import { chmod, lstat, rename, rm, rmdir, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { overwriteFile, staysInPlace } from "../../base/files/overwriteFile.ts";
import { checkRealFolder } from "../../base/files/realFile.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { whileHeld } from "../../base/files/whileHeld.ts";
import { newId } from "../../base/id.ts";
import { LINK_MODE } from "./readContent.ts";

export interface PutContent {
  bytes: Buffer;
  mode: number;
  /** What is there came in the place of the file that had this, and stays as it is under its other names. */
  isOther?: boolean;
}

/**
 * Makes what is at a real path this, or nothing with null; a file that has several names keeps them, and its owner. `check` is asked right
 * before: when it rejects, all stays. Rejects with `forbidden` where its folder has become a link: what was kept is never
 * written, or removed, anywhere else.
 */
export async function putContent(
  path: string,
  content: PutContent | null,
  check: () => Promise<void> = async () => {},
): Promise<void> {
  const fence = async () => {
    await check();
    await checkRealFolder(path);
  };
  if (content) await makeFolders(dirname(path));
  await checkRealFolder(path);
  if (content === null) return await removeFile(path, fence);
  if (content.mode === LINK_MODE) return await putLink(path, content.bytes, fence);
  if (!content.isOther && (await isInPlace(path))) {
    await fence();
    await overwriteFile(path, content.bytes);
    if (process.platform === "win32" || ((await lstat(path)).mode & 0o7777) === content.mode) return;
    // Only its owner may change it; the content is there.
    return await chmod(path, content.mode).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    });
  }
  await replaceFile(path, content.bytes, content.mode, { fence });
  if (process.platform !== "win32") await chmod(path, content.mode);
}

async function removeFile(path: string, fence: () => Promise<void>): Promise<void> {
  await whileHeld(path, async () => {
    await fence();
    await unlink(path);
  });
}

async function isInPlace(path: string): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined);
  return stat !== undefined && stat.isFile() && staysInPlace(path, stat);
}

async function putLink(path: string, leadsTo: Buffer, fence: () => Promise<void>): Promise<void> {
  const fresh = join(dirname(path), newId("link"));
  await symlink(leadsTo, fresh);
  try {
    await whileHeld(path, async () => {
      await fence();
      await rename(fresh, path);
    });
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

/** Removes the folders above a real path that are empty now, as far as they lie in one of `made`; nothing where a folder has become a link. */
export async function removeEmptyFolders(path: string, made: readonly string[]): Promise<void> {
  for (let folder = dirname(path); made.some((one) => isInside(one, folder)); folder = dirname(folder)) {
    const isGone = await checkRealFolder(folder)
      .then(() => rmdir(folder))
      .then(
        () => true,
        () => false,
      );
    if (!isGone) return;
  }
}

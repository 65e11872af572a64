import { chmod, lstat, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { headOf } from "../../../base/cutText.ts";

let count = 0;

/**
 * Renames something to a name beside it that nobody looks for: "NAME.set-aside-...". Whether it is gone from its place: a folder
 * that a command left without the right to write gets that right for this moment.
 */
export async function moveAside(path: string): Promise<boolean> {
  count += 1;
  // A name may have 255 bytes.
  const name = `${headOf(basename(path), 60)}.set-aside-${Date.now().toString(36)}${count.toString(36)}`;
  const folder = dirname(path);
  const move = async () =>
    await rename(path, join(folder, name)).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
  if (await move()) return true;
  const { mode } = await lstat(folder).catch(() => ({ mode: undefined }));
  if (mode === undefined) return false;
  await chmod(folder, (mode & 0o7777) | 0o700).catch(() => {});
  const isMoved = await move();
  await chmod(folder, mode & 0o7777).catch(() => {});
  return isMoved;
}

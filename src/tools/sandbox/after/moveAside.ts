import { chmod, lstat, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { headOf } from "../../../base/cutText.ts";

let count = 0;

/**
 * Renames something to a name beside it that nobody looks for: "NAME.set-aside-...". Whether it is gone from its place: a folder
 * that a command left without the right to write gets that right for this moment.
 */
export async function moveAside(path: string): Promise<boolean> {
  return (await newPlace(path)) !== undefined;
}

/** The same for a repository, which under its new name would be one without files of its own: it loses its HEAD, too. */
export async function moveRepositoryAside(path: string): Promise<boolean> {
  const place = await newPlace(path);
  // A link leads to somebody's own.
  if (place && (await isFolder(place))) await newPlace(join(place, "HEAD"));
  return place !== undefined;
}

/** A text of a file that is about to be another, under such a name. */
export async function keepAside(path: string, text: string): Promise<void> {
  await writeFile(join(dirname(path), asideName(path)), text, { flag: "wx" }).catch(() => {});
}

function asideName(path: string): string {
  count += 1;
  // A name may have 255 bytes.
  return `${headOf(basename(path), 60)}.set-aside-${Date.now().toString(36)}${count.toString(36)}`;
}

/** "" for what was gone already. */
async function newPlace(path: string): Promise<string | undefined> {
  const name = asideName(path);
  const folder = dirname(path);
  const move = async () =>
    await rename(path, join(folder, name)).then(
      () => join(folder, name),
      (error: NodeJS.ErrnoException) => (error.code === "ENOENT" || error.code === "ENOTDIR" ? "" : undefined),
    );
  const moved = await move();
  if (moved !== undefined) return moved;
  if (!(await isFolder(folder))) return undefined;
  const { mode } = await lstat(folder);
  await chmod(folder, (mode & 0o7777) | 0o700).catch(() => {});
  const movedNow = await move();
  await chmod(folder, mode & 0o7777).catch(() => {});
  return movedNow;
}

async function isFolder(path: string): Promise<boolean> {
  return await lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

import { isInside } from "../../base/files/isInside.ts";

/** The deepest of the folders that a file or folder is in; undefined for none. */
export function folderAround(folders: string[], place: string): string | undefined {
  const around = folders.filter((folder) => isInside(folder, place));
  return around.toSorted((a, b) => b.length - a.length)[0];
}

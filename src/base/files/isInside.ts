import { sep } from "node:path";

/** Whether a real path is a real folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  const base = foldCase(folder.endsWith(sep) ? folder : folder + sep);
  return foldCase(path) === base.slice(0, -1) || foldCase(path + sep).startsWith(base);
}

// Only where the file system folds too: elsewhere "Main" and "main" are two folders.
const foldCase = (text: string): string =>
  process.platform === "win32" || process.platform === "darwin" ? text.normalize("NFC").toLowerCase() : text;

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Absolute path of the first of these programs that can be run: names are looked up in PATH, paths are taken as they are. */
export function findProgram(candidates: string[], env: Record<string, string | undefined>): string | undefined {
  const folders = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  const paths = candidates.flatMap((candidate) =>
    /[/\\]/.test(candidate)
      ? [candidate]
      : folders.flatMap((folder) => endings.map((ending) => join(folder, candidate + ending))),
  );
  return paths.find(isRunnable);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

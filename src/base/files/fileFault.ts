import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../appError.ts";
import { nameTable } from "../nameTable.ts";

/** What the file system said, as a sentence: `unavailable`. Anything else stays as it is. */
export function fileFault(error: unknown, path: string, what: "read" | "written" | "removed"): unknown {
  if (!(error instanceof Error) || error instanceof AppError || !("code" in error)) return error;
  const code = String(error.code);
  return new AppError("unavailable", `${path} could not be ${what}: ${reason(code, path, what)}`, { cause: error });
}

function reason(code: string, path: string, what: string): string {
  // So says /proc, and a folder that was removed under its mount.
  if (code === "ENOENT" && what === "written" && existsSync(dirname(path))) return "nothing can be made in its folder";
  return REASONS[code] ?? code;
}

const REASONS = nameTable<string>({
  EISDIR: "there is a folder of that name",
  ENOTEMPTY: "there is a folder of that name",
  EEXIST: "there is a file of that name",
  ENOTDIR: "a part of it is a file",
  ENOENT: "its folder is not there",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EBUSY: "another program holds it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is longer than this system takes",
  EROFS: "its file system is read-only",
  ENOSPC: "the disk is full",
});

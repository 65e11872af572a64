import { type Stats, statSync } from "node:fs";
import type { AppError } from "../appError.ts";
import { fileFault } from "./fileFault.ts";

/** What a path leads to; undefined for nothing. `unavailable` where this user may not look. */
export function entryAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileFault(error, path, "read");
  }
}

/** Whether a path leads to a folder; the reason, where this user may not look. */
export function isFolderAt(path: string): boolean | AppError {
  try {
    return entryAt(path)?.isDirectory() ?? false;
  } catch (error) {
    return error as AppError;
  }
}

import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { AppError } from "../appError.ts";

/**
 * `unavailable` for a path that is a link to what is not there; undefined for any other. What it should hold may lie on a drive
 * that is away, so it is not the same as nothing.
 */
export function deadLink(path: string): AppError | undefined {
  try {
    // Nothing is there, as a rule: that is told without an error, which would cost ten times as much.
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    const target = readlinkSync(path);
    return existsSync(path)
      ? undefined
      : new AppError("unavailable", `${path} is a link to ${target}, which is not there`);
  } catch {
    return undefined;
  }
}

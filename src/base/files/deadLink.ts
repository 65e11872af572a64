import { existsSync, readlinkSync } from "node:fs";
import { AppError } from "../appError.ts";

/**
 * `unavailable` for a path that is a link to what is not there; undefined for any other. What it should hold may lie on a drive
 * that is away, so it is not the same as nothing.
 */
export function deadLink(path: string): AppError | undefined {
  try {
    const target = readlinkSync(path);
    return existsSync(path)
      ? undefined
      : new AppError("unavailable", `${path} is a link to ${target}, which is not there`);
  } catch {
    return undefined;
  }
}

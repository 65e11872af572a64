import { type Stats, statSync } from "node:fs";
import { fileFault } from "./fileFault.ts";

/** What a path leads to; undefined for nothing. `unavailable` where this user may not look. */
export function entryAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileFault(error, path, "read");
  }
}

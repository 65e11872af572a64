import { existsSync, mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { deadLink } from "./deadLink.ts";

// Asked for all at once, Node.js asks for ever where a folder is there and yet says of what is to be made in it that there is no
// such folder: /proc does, and one that was removed under its mount.

/** Makes a folder, and those above it that are not there. `mode` is that of each that is made, less the umask. */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
  const first = firstMissing(path);
  if (first !== undefined) await mkdir(first, { mode }).catch(unlessMade);
  await mkdir(path, { recursive: true, mode });
}

/** As `makeFolders`, before it returns; true when this very folder was made. */
export function makeFoldersNow(path: string, mode = 0o777): boolean {
  const first = firstMissing(path);
  try {
    if (first !== undefined) mkdirSync(first, { mode });
  } catch (error) {
    unlessMade(error);
  }
  mkdirSync(path, { recursive: true, mode });
  return first !== undefined;
}

/** The topmost folder of a path that is not there. `unavailable` for a link to what is not there. */
function firstMissing(path: string): string | undefined {
  if (existsSync(path)) return undefined;
  const dead = deadLink(path);
  if (dead) throw dead;
  const above = dirname(path);
  return (above === path ? undefined : firstMissing(above)) ?? path;
}

/** Somebody else may have made it by now. */
function unlessMade(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
}

import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../base/appError.ts";

/** The text of a file that only its owner may read; undefined when there is none. Others being able to read it is `forbidden`. */
export function readPrivateFile(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  // Windows has no such bits; the profile folder is private there.
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8);
    throw new AppError(
      "forbidden",
      `${path} holds secrets and others can read it (mode ${mode}); run: chmod 600 '${path}'`,
    );
  }
  return readFileSync(path, "utf8");
}

/** Writes a file that only its owner may read. Readers see the old text or the new, never a part. */
export function writePrivateFile(path: string, text: string): void {
  makePrivateFolder(dirname(path));
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Makes a folder that only its owner may enter; one that is there already keeps its rights. */
export function makePrivateFolder(path: string): void {
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700);
}

import { existsSync, lstatSync, readdirSync, rmSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { makePrivateFolder } from "../../config/privateFile.ts";
import { findStateDir } from "../../config/stateFolder.ts";
import { version } from "./version.ts";

const MOST_VERSIONS = 3;

/**
 * Has Node.js keep what it compiled in the state folder, so that the next command need not compile it again. Does nothing
 * while there is no such folder or others could write there: what is kept is run. Never fails, as it is only for speed.
 */
export function keepCompiled(env: Record<string, string | undefined>): void {
  try {
    const stateDir = findStateDir(env);
    if (!existsSync(stateDir)) return;
    const folder = join(stateDir, "compiled");
    makePrivateFolder(folder);
    if (!isOurs(folder)) return;
    enableCompileCache(join(folder, version));
    removeOld(folder);
  } catch {
    // A disk that is full, or may not be written; a PINCER_HOME of which the command itself says what is wrong.
  }
}

function isOurs(folder: string): boolean {
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) return false;
  return process.platform === "win32" || (stat.uid === process.getuid?.() && (stat.mode & 0o77) === 0);
}

function removeOld(folder: string): void {
  const others = readdirSync(folder)
    .filter((name) => name !== version)
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at);
  for (const { path } of others.slice(MOST_VERSIONS - 1)) rmSync(path, { recursive: true, force: true });
}

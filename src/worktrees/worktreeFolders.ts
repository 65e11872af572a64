import { readdirSync } from "node:fs";
import { join } from "node:path";
import { realPath } from "../base/files/realPath.ts";

const KEEP_MS = 1000;
const known = new Map<string, { until: number; folders: string[] }>();

/** Where the worktrees of a state folder are. */
export function worktreesFolder(stateDir: string): string {
  return join(stateDir, "worktrees");
}

/** The real paths of the worktrees of a state folder, looked up at most once in a second: tools ask for each file. */
export function worktreeFolders(stateDir: string): string[] {
  const now = performance.now();
  const before = known.get(stateDir);
  if (before && before.until > now) return before.folders;
  const folder = realPath(worktreesFolder(stateDir));
  const folders = namesIn(folder).map((name) => join(folder, name));
  known.set(stateDir, { until: now + KEEP_MS, folders });
  return folders;
}

/** What is known is looked up anew. */
export function forgetFolders(stateDir: string): void {
  known.delete(stateDir);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];
process.once("exit", () => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A workspace with nothing in it: instructions of a folder are part of every request, and their length is its own. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-bench-workspace-"));
  made.push(folder);
  return folder;
}

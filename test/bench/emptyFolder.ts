import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A workspace with nothing in it: instructions of a folder are part of every request, and their length is its own. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-bench-workspace-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

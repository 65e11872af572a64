import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Gives the path of a store in a folder of its own, not made yet; all are removed after the file's tests. */
export function createScratch(): () => string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-store-"));
  let count = 0;
  afterAll(() => rmSync(folder, { recursive: true }));
  return () => join(folder, `${++count}`, "pincer.db");
}

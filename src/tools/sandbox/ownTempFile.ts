import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const made = new Map<string, string>();

/** The path of a file of ours with this name and content, for the sandbox to read. Made on first use, gone with this process. */
export function ownTempFile(name: string, content: Uint8Array | string): string {
  const known = made.get(name);
  // Old temporary files are cleaned up by some systems.
  if (known !== undefined && existsSync(known)) return known;
  const file = join(mkdtempSync(join(tmpdir(), `pincer-${name}-`)), name);
  writeFileSync(file, content, { mode: 0o444 });
  made.set(name, file);
  process.once("exit", () => rmSync(dirname(file), { recursive: true, force: true }));
  return file;
}

/** The path of a file with nothing in it, to be seen in the place of another. */
export function emptyFile(): string {
  return ownTempFile("empty", "");
}

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

let made: string | undefined;

/** The path of a file with nothing in it, to be seen in the place of another. Made on first use, gone with this process. */
export function emptyFile(): string {
  // Old temporary files are cleaned up by some systems.
  if (made !== undefined && existsSync(made)) return made;
  made = join(mkdtempSync(join(tmpdir(), "pincer-empty-")), "empty");
  writeFileSync(made, "", { mode: 0o444 });
  const folder = dirname(made);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return made;
}

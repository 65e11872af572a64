import { type Dirent, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { smallText } from "../../base/files/smallText.ts";

const MAX_KEPT = 1000;
const written = new Map<string, { text: string; at: number }>();

/** Remembers what a tool is about to write, by real path: somebody was asked, so that no command beside it is taken for who made it. */
export function noteOwnWrite(path: string, text: string): void {
  written.delete(path);
  written.set(path, { text, at: Date.now() });
  const [oldest] = written.keys();
  if (written.size > MAX_KEPT && oldest !== undefined) written.delete(oldest);
}

/** What a tool wrote there since a time in milliseconds. */
export function ownText(path: string, since: number): string | undefined {
  const own = written.get(path);
  return own && own.at >= since ? own.text : undefined;
}

/** Whether a file is as a tool wrote it since a time, or a folder has nothing in it that is not. */
export async function isOwnWrite(path: string, since: number): Promise<boolean> {
  const own = [...written].filter(([one, { at }]) => at >= since && isInside(path, one));
  if (own.length === 0) return false;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return (await smallText(path, { noLink: true })) === ownText(path, since);
  if (!stat?.isDirectory()) return false;
  const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const { name } of entries) {
    // A tool replaces a file by one of a name for a moment.
    if (/^\.[0-9a-f]{16}\.tmp$/.test(name)) continue;
    if (!(await isOwnWrite(join(path, name), since))) return false;
  }
  return true;
}

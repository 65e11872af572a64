import { type Dirent, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { smallText } from "../../base/files/smallText.ts";

const MAX_KEPT = 1000;

interface OwnWrite {
  text: string;
  /** When it ended, in milliseconds of the machine's clock; none before that. */
  at?: number;
  /** What may be there until then. */
  earlier?: OwnWrite | undefined;
}

const written = new Map<string, OwnWrite>();

/**
 * Writes what a tool has to, by real path, and remembers it from before it begins: somebody was asked, so that no command beside it is
 * taken for who made it. What could not be written is not remembered.
 */
export async function asOwnWrite(path: string, text: string, write: () => Promise<void>): Promise<void> {
  const earlier = written.get(path);
  const own: OwnWrite = { text, earlier };
  keep(path, own);
  try {
    await write();
    own.at = Date.now();
  } catch (error) {
    own.at = 0;
    if (written.get(path) === own) keep(path, earlier);
    throw error;
  } finally {
    delete own.earlier;
  }
}

function keep(path: string, own: OwnWrite | undefined): void {
  written.delete(path);
  if (own) written.set(path, own);
  const [oldest] = written.keys();
  if (written.size > MAX_KEPT && oldest !== undefined) written.delete(oldest);
}

function isSince({ at }: OwnWrite, since: number): boolean {
  return at === undefined || at >= since;
}

/** What a tool wrote there since a time in milliseconds, or is about to. */
export function ownText(path: string, since: number): string | undefined {
  const own = written.get(path);
  return own && isSince(own, since) ? own.text : undefined;
}

/** Whether a file is as a tool wrote it since a time, or a folder has nothing in it that is not. */
export async function isOwnWrite(path: string, since: number): Promise<boolean> {
  const own = [...written].filter(([one, write]) => isSince(write, since) && isInside(path, one));
  if (own.length === 0) return false;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return await isOwnText(path, since);
  if (!stat?.isDirectory()) return false;
  const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const { name } of entries) {
    // A tool replaces a file by one of a name for a moment.
    if (/^\.[0-9a-f]{16}\.tmp$/.test(name)) continue;
    if (!(await isOwnWrite(join(path, name), since))) return false;
  }
  return true;
}

async function isOwnText(path: string, since: number): Promise<boolean> {
  for (;;) {
    const own = written.get(path);
    const possible = [own, own?.earlier].filter((one) => one !== undefined && isSince(one, since));
    const text = await smallText(path, { noLink: true });
    // Written anew meanwhile: which of them was read, nobody knows.
    if (written.get(path) === own) return possible.some((one) => one?.text === text);
  }
}

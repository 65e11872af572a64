import { type Dirent, lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isInside } from "../../base/files/isInside.ts";
import { realPath } from "../../base/files/realPath.ts";
import { smallText } from "../../base/files/smallText.ts";
import type { Files } from "../../core/ports/files.ts";

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
 * The same files, by real paths: what is written through them is remembered from before it begins, for somebody was asked, and so no command
 * beside it is taken for who made it. What could not be written, and what an editor does not save, is not remembered.
 */
export function asOwnFiles(files: Files): Files {
  return {
    ...files,
    writeText: (path, text, ...how) =>
      asOwnWrite(path, text, async () => {
        await files.writeText(path, text, ...how);
        return !files.onSave || (await smallText(path)) === text;
      }),
  };
}

/** Somebody has saved a text in an editor. */
export function noteSaved(path: string, text: string): void {
  keep(realPath(path), { text, at: Date.now() });
}

/** `write` resolves with whether the text is there. */
async function asOwnWrite(path: string, text: string, write: () => Promise<boolean>): Promise<void> {
  const earlier = written.get(path);
  const own: OwnWrite = { text, earlier };
  keep(path, own);
  let isThere = false;
  try {
    isThere = await write();
  } finally {
    own.at = isThere ? Date.now() : 0;
    delete own.earlier;
    if (!isThere && written.get(path) === own) keep(path, earlier);
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

/** What tools and editors have made of a file since a time in milliseconds, the last of it first, and what they are about to. */
export function ownTexts(path: string, since: number): { done: string[]; begun: string[] } {
  const all = possible(written.get(path), since);
  return {
    done: all.flatMap(({ text, at }) => (at === undefined ? [] : text)),
    begun: all.flatMap(({ text, at }) => (at === undefined ? text : [])),
  };
}

/** What may be there since then, by one write and what it began on. */
function possible(own: OwnWrite | undefined, since: number): OwnWrite[] {
  return [own, own?.earlier].filter((one) => one !== undefined).filter((one) => isSince(one, since));
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
    const all = possible(own, since);
    const text = await smallText(path, { noLink: true });
    // Written anew meanwhile: which of them was read, nobody knows.
    if (written.get(path) === own) return all.some((one) => one.text === text);
  }
}

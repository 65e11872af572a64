import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Where a path below a folder leads when its names are spelled otherwise on the disk: accents composed or not, blanks that
 * do not break, curly quotes. A model cannot see such differences, or cannot write them. Undefined where there is no such
 * place, or more than one.
 */
export async function alikePath(folder: string, names: string[]): Promise<string | undefined> {
  const [name, ...rest] = names;
  if (name === undefined || !/[^\w.-]/.test(name)) return undefined;
  const entries = await readdir(folder).catch((): string[] => []);
  const found = entries.filter((entry) => plain(entry) === plain(name));
  if (found.length !== 1) return undefined;
  return join(folder, found[0]!, ...rest);
}

const plain = (name: string): string =>
  name
    .normalize("NFC")
    .replace(/\p{Zs}/gu, " ")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"');

import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import picomatch from "picomatch";
import { isInside } from "../../base/files/isInside.ts";

/** How many names one part of a pattern may stand for. */
export const MAX_MEANT = 1000;

// How many folders are listed for the patterns of one command.
const MAX_LISTED = 2000;

export interface Meanings {
  of(pattern: string): Promise<string[]>;
  /** Whether some of them were not looked for. */
  isLeftOut(): boolean;
}

/** What patterns stand for, each looked for once. */
export function createMeanings(workspace: string): Meanings {
  const found = new Map<string, string[]>();
  let listed = 0;
  let isCut = false;
  const lists = new Map<string, Promise<string[]>>();
  const list = async (folder: string): Promise<string[]> => {
    const known = lists.get(folder);
    if (known) return await known;
    listed += 1;
    const names = listed > MAX_LISTED ? Promise.resolve([]) : readdir(folder).catch(() => []);
    lists.set(folder, names);
    return await names;
  };
  return {
    isLeftOut: () => isCut || listed > MAX_LISTED,
    async of(pattern) {
      const known = found.get(pattern) ?? (await standsFor(pattern, workspace, { list, cut: () => (isCut = true) }));
      found.set(pattern, known);
      return known;
    },
  };
}

/** What is there of the names that a pattern stands for; "**" as one name. */
async function standsFor(
  pattern: string,
  workspace: string,
  { list, cut }: { list(folder: string): Promise<string[]>; cut(): void },
): Promise<string[]> {
  // Nobody on the network is told who asks.
  if (process.platform === "win32" && !isInside(workspace, pattern)) return [];
  const [root = "", ...parts] = pattern.split(sep);
  let found = [`${root}${sep}`];
  for (const part of parts) {
    if (!/[*?[]/.test(part)) {
      found = found.map((folder) => join(folder, part));
      continue;
    }
    const fits = partTest(part);
    const next: string[] = [];
    for (const folder of found) {
      const names = await list(folder);
      next.push(...names.filter((name) => fits(name)).map((name) => join(folder, name)));
    }
    if (next.length > MAX_MEANT) cut();
    found = next.slice(0, MAX_MEANT);
  }
  return found;
}

/** Whether a name is one of those that a part of a path with "*", "?" or "[" stands for. */
export function partTest(part: string): (name: string) => boolean {
  // Many stars would be tried in all ways.
  const isEach = (part.match(/\*+/g)?.length ?? 0) > 8;
  return isEach
    ? () => true
    : picomatch(shellPattern(part), { dot: part.startsWith("."), nobrace: true, noextglob: true });
}

/** A pattern as picomatch reads it: "[!x]", which is a shell's "[^x]". */
export const shellPattern = (pattern: string): string => pattern.replaceAll("[!", "[^");

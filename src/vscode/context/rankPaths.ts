import { setImmediate } from "node:timers/promises";

/** A path made ready to be looked for many times. */
export interface KnownPath {
  path: string;
  lower: string;
  /** Where its last name begins. */
  nameAt: number;
}

export function toKnownPath(path: string): KnownPath {
  return { path, lower: path.toLowerCase(), nameAt: path.lastIndexOf("/") + 1 };
}

// Some 2 ms of work: nothing else of the window waits for longer.
const SLICE = 10_000;

/** The paths that fit what was typed, best first, at most `most`. Others get their turn while many are looked through. */
export async function rankPaths<Path extends KnownPath>(
  paths: readonly Path[],
  typed: string,
  most: number,
): Promise<Path[]> {
  const query = typed.toLowerCase().replaceAll("\\", "/");
  let best: { known: Path; score: number }[] = [];
  for (let at = 0; at < paths.length; at += SLICE) {
    if (at > 0) await setImmediate();
    for (const known of paths.slice(at, at + SLICE)) {
      const score = scorePath(known, query);
      if (score > 0) best.push({ known, score });
    }
    if (best.length > most) best = best.sort(byScore).slice(0, most);
  }
  return best.sort(byScore).map(({ known }) => known);
}

function byScore(a: { known: KnownPath; score: number }, b: { known: KnownPath; score: number }): number {
  return b.score - a.score || (a.known.path < b.known.path ? -1 : 1);
}

/** How well a path fits, 0 for not at all: a name before its folders, whole words before scattered letters, short before long. */
export function scorePath({ lower, nameAt }: KnownPath, query: string): number {
  if (query === "") return 1;
  const length = Math.min(90, lower.length / 3);
  const inName = lower.indexOf(query, nameAt);
  if (inName === nameAt) return (lower.length - nameAt === query.length ? 1000 : 900) - length;
  if (inName > nameAt) return (/[a-z0-9]/.test(lower[inName - 1]!) ? 700 : 800) - length;
  const inPath = lower.indexOf(query);
  if (inPath >= 0) return 600 - length;
  const gaps = gapsOf(lower, query, nameAt) ?? gapsOf(lower, query, 0);
  return gaps === undefined ? 0 : Math.max(1, 400 - length - gaps * 4);
}

/** How many letters lie between those of the query, read from the end, where names stand; undefined when one is missing. */
function gapsOf(lower: string, query: string, start: number): number | undefined {
  let at = lower.length;
  let end = -1;
  for (let letter = query.length - 1; letter >= 0; letter -= 1) {
    at = lower.lastIndexOf(query[letter]!, at - 1);
    if (at < start) return undefined;
    if (end < 0) end = at;
  }
  return end - at + 1 - query.length;
}

import { cutText } from "../../base/cutText.ts";
import { Pace } from "../../base/turns/pace.ts";
import { lineNumbers, readLines } from "./lineTable.ts";
import type { TextMatch } from "./textMatch.ts";

const MAX_SHOWN_LINES = 12;
const MAX_LINE_CHARS = 500;
const MAX_BLOCK_LINES = 50;
const MAX_COMPARED = 2_000_000;

/** Tells a model why its text was found nowhere: the lines that come closest, numbered, and the first that differs. */
export async function noMatchReport(path: string, text: string, wanted: string, pace = new Pace()): Promise<string> {
  // Comparing takes long in what is very long, and tells little there.
  if (text.length > MAX_COMPARED)
    return `The text was not found in ${path}, which is too long to look for what comes closest: find the place with grep.`;
  const closest = await closestLines(text, wanted, pace);
  if (!closest) return `The text was not found in ${path}, nor anything like it. Read the file again.`;
  const { first, differs, shown } = closest;
  return [
    `The text was not found in ${path}. The closest lines are:`,
    ...shown.map((line, index) => `${first + index}: ${cutText(line, MAX_LINE_CHARS)}`),
    `Line ${differs.line} is ${quoted(differs.there)}, but the text has ${quoted(differs.wanted)}.`,
  ].join("\n");
}

const quoted = (line: string): string => JSON.stringify(cutText(line, MAX_LINE_CHARS));

/** Tells a model that its text was found in several places, and where. */
export function manyMatchesReport(path: string, text: string, matches: TextMatch[]): string {
  const lines = lineNumbers(
    text,
    matches.slice(0, 10).map((match) => match.start),
  );
  const more = matches.length > lines.length ? ", ..." : "";
  return (
    `The text was found ${matches.length} times in ${path}, at lines ${lines.join(", ")}${more}. ` +
    "Add lines around it to say which one, or set replaceAll."
  );
}

interface Closest {
  first: number;
  shown: string[];
  differs: { line: number; there: string; wanted: string };
}

async function closestLines(text: string, wanted: string, pace: Pace): Promise<Closest | undefined> {
  const lines = (await readLines(text, pace)).texts();
  const block = (await readLines(wanted, pace)).texts();
  const likeness = new Float64Array(lines.length);
  for (const [offset, wantedLine] of block.slice(0, MAX_BLOCK_LINES).entries()) {
    const goal = wantedLine.trim();
    if (goal === "") continue;
    const goalPairs = pairsOf(goal);
    for (const [index, there] of lines.entries()) {
      if (pace.isDue()) await pace.rest();
      const first = index - offset;
      const line = there.trim();
      if (first < 0 || line === "") continue;
      // Comparing by letters is dear: only the first lines of a block, and only in files of a usual size.
      if (line === goal) likeness[first]! += 1;
      else if (offset < 3 && lines.length < 20_000) likeness[first]! += likenessOf(line, goal, goalPairs) * 0.9;
    }
  }
  const best = likeness.reduce((top, value, index) => (value > likeness[top]! ? index : top), 0);
  if ((likeness[best] ?? 0) < 0.4) return undefined;
  const differing = block.findIndex((line, index) => line !== lines[best + index]);
  const at = Math.max(differing, 0);
  return {
    first: best + 1,
    shown: lines.slice(best, best + Math.min(block.length, MAX_SHOWN_LINES)),
    differs: { line: best + at + 1, there: lines[best + at] ?? "(end of file)", wanted: block[at] ?? "" },
  };
}

function pairsOf(line: string): Set<string> {
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < Math.min(line.length, 200); at += 1) pairs.add(line.slice(at, at + 2));
  return pairs;
}

/** From 0 to 1: how many pairs of letters two lines share. Half is the least that counts. */
function likenessOf(line: string, goal: string, goalPairs: Set<string>): number {
  if (Math.abs(line.length - goal.length) > goal.length) return 0;
  const pairs = pairsOf(line);
  let shared = 0;
  for (const pair of pairs) if (goalPairs.has(pair)) shared += 1;
  const share = (2 * shared) / Math.max(pairs.size + goalPairs.size, 1);
  return share < 0.5 ? 0 : share;
}

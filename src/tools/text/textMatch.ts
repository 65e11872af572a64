import { Pace } from "../../base/turns/pace.ts";
import { type IndentShift, indentShift, shiftLine } from "./indentShift.ts";
import { endingAt, toEnding, withLineEnding } from "./lineEnding.ts";
import { type LineTable, readLines } from "./lineTable.ts";

/** A place where a text was found, with what belongs there instead. */
export interface TextMatch {
  start: number;
  end: number;
  replacement: string;
}

/**
 * Finds the places that `wanted` means, and fits `replacement` to each, line endings included. First as it is written; only
 * when that is nowhere, with other line endings, then without regard to spaces at line ends, then with the whole block
 * indented otherwise. Only whole lines are matched loosely, and those that stay keep their bytes. Places may overlap.
 */
export async function findText(
  text: string,
  wanted: string,
  replacement: string,
  pace = new Pace(),
): Promise<TextMatch[]> {
  if (wanted === "") return [];
  // Whoever changes nothing but line endings means them as they are written.
  const isAboutEndings = toEnding(wanted, "\n") === toEnding(replacement, "\n");
  const fit = (at: number) => {
    const ending = isAboutEndings ? undefined : endingAt(text, at);
    return ending ? toEnding(replacement, ending) : replacement;
  };
  const exact = await findExact(text, wanted, fit, pace);
  if (exact.length > 0) return exact;
  const fitted = withLineEnding(wanted, text);
  const ending = fitted === wanted ? [] : await findExact(text, fitted, fit, pace);
  if (ending.length > 0) return ending;
  return await findBlock(text, wanted, replacement, pace);
}

export async function replaceAt(text: string, matches: TextMatch[], pace = new Pace()): Promise<string> {
  const parts: string[] = [];
  let from = 0;
  for (const match of matches) {
    if (pace.isDue()) await pace.rest();
    parts.push(text.slice(from, match.start), match.replacement);
    from = match.end;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

async function findExact(text: string, wanted: string, fit: (at: number) => string, pace: Pace): Promise<TextMatch[]> {
  const found: TextMatch[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (pace.isDue()) await pace.rest();
    found.push({ start: at, end: at + wanted.length, replacement: fit(at) });
  }
  return found;
}

async function findBlock(text: string, wanted: string, replacement: string, pace: Pace): Promise<TextMatch[]> {
  const block = (await readLines(wanted, pace)).texts();
  if (block.every((line) => line.trim() === "")) return [];
  const change = await toChange(wanted, replacement, block, pace);
  for (const compare of [sameBeforeSpaces, indentShift]) {
    const found = await findLines(text, block, compare, pace);
    if (found.length > 0) return found.map((place) => toMatch(text, { ...change, ...place }));
  }
  return [];
}

interface BlockChange {
  /** Lines of the block at its beginning that stay. */
  skip: number;
  /** Lines of the block that go. */
  gone: number;
  come: string[];
  /** The block's last line goes with its ending, or comes with one. */
  withEnding: { gone: boolean; come: boolean };
}

/** What of a block really changes: lines that it has in common with what replaces it are left out. */
async function toChange(wanted: string, replacement: string, block: string[], pace: Pace): Promise<BlockChange> {
  const come = (await readLines(replacement, pace)).texts();
  const withEnding = { gone: wanted.endsWith("\n"), come: replacement.endsWith("\n") || replacement === "" };
  if (withEnding.gone !== withEnding.come) return { skip: 0, gone: block.length, come, withEnding };
  // At the very end of a text a line can't go without the line ending before it.
  const keepsOne = withEnding.gone ? 0 : 1;
  const most = Math.min(block.length - 1, come.length - keepsOne);
  let skip = 0;
  while (skip < most && block[skip] === come[skip]) skip += 1;
  let tail = 0;
  while (tail < most - skip && block.at(-1 - tail) === come.at(-1 - tail)) tail += 1;
  const kept = { skip, gone: block.length - skip - tail, come: come.slice(skip, come.length - tail) };
  return { ...kept, withEnding: tail > 0 ? { gone: true, come: true } : withEnding };
}

function toMatch(
  text: string,
  { skip, gone, come, withEnding, lines, offset, shift }: BlockChange & BlockPlace,
): TextMatch {
  const start = offset + lines.start(skip);
  const last = skip + gone - 1;
  const own = lines.ending(last);
  const ending = endingAt(text, start) ?? "\n";
  const takesEnding = withEnding.gone && own !== "";
  const body = come.map((line) => shiftLine(line, shift)).join(ending);
  const closes = come.length > 0 && withEnding.come && (takesEnding || !withEnding.gone);
  return {
    start,
    end: offset + lines.start(last + 1) - (takesEnding ? 0 : own.length),
    replacement: body + (closes ? (takesEnding ? own : ending) : ""),
  };
}

type Compare = (line: string, wanted: string) => IndentShift | undefined;

const NO_SHIFT: IndentShift = { add: "", remove: "" };

const sameBeforeSpaces: Compare = (line, wanted) => (line.trimEnd() === wanted.trimEnd() ? NO_SHIFT : undefined);

interface BlockPlace {
  /** The lines there, and where they begin in the whole text. */
  lines: LineTable;
  offset: number;
  shift: IndentShift;
}

/** Looks for the block's longest line, and around where it stands: most of a long text is never taken apart. */
async function findLines(text: string, block: string[], compare: Compare, pace: Pace): Promise<BlockPlace[]> {
  const found: BlockPlace[] = [];
  const key = block.reduce((best, line, index) => (line.trim().length > block[best]!.trim().length ? index : best), 0);
  const goal = block[key]!.trim();
  for (let at = text.indexOf(goal); at >= 0;) {
    if (pace.isDue()) await pace.rest();
    const offset = lineStart(text, at, key);
    const end = offset === undefined ? undefined : linesEnd(text, offset, block.length);
    const next = text.indexOf("\n", at);
    if (offset !== undefined && end !== undefined) {
      const lines = await readLines(text.slice(offset, end), pace);
      const shift = lines.count === block.length ? await shiftOf(lines, block, compare, pace) : undefined;
      if (shift) found.push({ lines, offset, shift });
    }
    at = next < 0 ? -1 : text.indexOf(goal, next);
  }
  return found;
}

/** Where the line begins that is so many lines above an offset; undefined above the first. */
function lineStart(text: string, offset: number, above: number): number | undefined {
  let start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  for (let line = 0; line < above; line += 1) {
    if (start === 0) return undefined;
    start = start === 1 ? 0 : text.lastIndexOf("\n", start - 2) + 1;
  }
  return start;
}

/** The end of so many lines from an offset, the last one's ending included; undefined when there are fewer. */
function linesEnd(text: string, offset: number, count: number): number | undefined {
  let end = offset;
  for (let line = 0; line < count; line += 1) {
    if (end >= text.length) return undefined;
    const found = text.indexOf("\n", end);
    end = found < 0 ? text.length : found + 1;
  }
  return end;
}

/** The one shift that makes every line of the block fit, blank lines aside. */
async function shiftOf(
  lines: LineTable,
  block: string[],
  compare: Compare,
  pace: Pace,
): Promise<IndentShift | undefined> {
  let common: IndentShift | undefined;
  for (const [index, wanted] of block.entries()) {
    if (index > 0 && pace.isDue()) await pace.rest();
    const line = lines.text(index);
    if (wanted.trim() === "" && line.trim() === "") continue;
    const shift = compare(line, wanted);
    if (!shift) return undefined;
    if (common && (common.add !== shift.add || common.remove !== shift.remove)) return undefined;
    common = shift;
  }
  return common;
}

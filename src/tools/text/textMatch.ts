import { type IndentShift, indentShift, shiftLine } from "./indentShift.ts";
import { withLineEnding } from "./lineEnding.ts";
import { type TextLine, textLines } from "./textLines.ts";

/** A place where a text was found, with what belongs there instead. */
export interface TextMatch {
  start: number;
  end: number;
  replacement: string;
}

/**
 * Finds the places that `wanted` means, and fits `replacement` to each. First as it is written; only when that is
 * nowhere, with other line endings, then without regard to spaces at line ends, then with the whole block indented
 * otherwise. Only whole lines are matched loosely. Places do not overlap.
 */
export function findText(text: string, wanted: string, replacement: string): TextMatch[] {
  if (wanted === "") return [];
  const exact = findExact(text, wanted, replacement);
  if (exact.length > 0) return exact;
  const fitted = withLineEnding(wanted, text);
  const fittedReplacement = withLineEnding(replacement, text);
  const ending = fitted === wanted ? [] : findExact(text, fitted, fittedReplacement);
  if (ending.length > 0) return ending;
  const lines = textLines(text);
  const block = textLines(wanted);
  if (block.every((line) => line.text.trim() === "")) return [];
  for (const compare of [sameBeforeSpaces, indentShift]) {
    const found = findLines(lines, block, compare).map(({ first, shift }) => {
      const last = lines[first + block.length - 1]!;
      const next = lines[first + block.length];
      const wholeLastLine = wanted.endsWith("\n") && text.length > last.end;
      const end = wholeLastLine ? (next?.start ?? text.length) : last.end;
      return { start: lines[first]!.start, end, replacement: shiftLines(fittedReplacement, shift) };
    });
    if (found.length > 0) return found;
  }
  return [];
}

export function replaceAt(text: string, matches: TextMatch[]): string {
  let result = "";
  let from = 0;
  for (const match of matches) {
    result += text.slice(from, match.start) + match.replacement;
    from = match.end;
  }
  return result + text.slice(from);
}

function findExact(text: string, wanted: string, replacement: string): TextMatch[] {
  const found: TextMatch[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    found.push({ start: at, end: at + wanted.length, replacement });
  }
  return found;
}

type Compare = (line: string, wanted: string) => IndentShift | undefined;

const NO_SHIFT: IndentShift = { add: "", remove: "" };

const sameBeforeSpaces: Compare = (line, wanted) => (line.trimEnd() === wanted.trimEnd() ? NO_SHIFT : undefined);

function findLines(lines: TextLine[], block: TextLine[], compare: Compare): { first: number; shift: IndentShift }[] {
  const found: { first: number; shift: IndentShift }[] = [];
  for (let first = 0; first + block.length <= lines.length; first += 1) {
    const shift = shiftOf(lines, first, block, compare);
    if (!shift) continue;
    found.push({ first, shift });
    first += block.length - 1;
  }
  return found;
}

/** The one shift that makes every line of the block fit, blank lines aside. */
function shiftOf(lines: TextLine[], first: number, block: TextLine[], compare: Compare): IndentShift | undefined {
  let common: IndentShift | undefined;
  for (const [index, wanted] of block.entries()) {
    const line = lines[first + index]!.text;
    if (wanted.text.trim() === "" && line.trim() === "") continue;
    const shift = compare(line, wanted.text);
    if (!shift) return undefined;
    if (common && (common.add !== shift.add || common.remove !== shift.remove)) return undefined;
    common = shift;
  }
  return common;
}

function shiftLines(text: string, shift: IndentShift): string {
  if (shift.add === "" && shift.remove === "") return text;
  return text
    .split("\n")
    .map((line) => shiftLine(line, shift))
    .join("\n");
}

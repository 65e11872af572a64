import { AppError } from "../../base/appError.ts";
import { indentShift, shiftLine } from "./indentShift.ts";
import { lineEnding } from "./lineEnding.ts";
import { noMatchReport } from "./matchReport.ts";
import type { Hunk } from "./fileChange.ts";
import { textLines } from "./textLines.ts";

/**
 * The text with all hunks applied, in their order, or a `conflict` that shows the closest lines. Hunks are found by
 * their lines: exactly, then without regard to spaces at line ends, then to indentation; a line number only decides
 * between several places.
 */
export function applyHunks(path: string, text: string, hunks: Hunk[]): string {
  const ending = lineEnding(text);
  const endsOpen = text !== "" && !text.endsWith("\n");
  const lines = textLines(text).map((line) => line.text);
  let from = 0;
  let moved = 0;
  for (const hunk of hunks) {
    const start = hunk.anchor === undefined ? from : afterAnchor(lines, from, hunk.anchor);
    const hint = hunk.line === undefined ? start : hunk.line - 1 + moved;
    const at = findHunk(lines, hunk, start, hint) ?? findHunk(lines, hunk, from, hint);
    if (at === undefined) throw new AppError("conflict", noMatchReport(path, text, hunk.before.join("\n")));
    lines.splice(at, hunk.before.length, ...keepSpelling(hunk, lines.slice(at, at + hunk.before.length)));
    from = at + hunk.after.length;
    moved += hunk.after.length - hunk.before.length;
  }
  return lines.join(ending) + (lines.length === 0 || endsOpen ? "" : ending);
}

function afterAnchor(lines: string[], from: number, anchor: string): number {
  const found = lines.findIndex((line, index) => index >= from && line.trim() === anchor.trim());
  return found < 0 ? from : found + 1;
}

const LOOKS: ((line: string) => string)[] = [(line) => line, (line) => line.trimEnd(), (line) => line.trim()];

function findHunk(lines: string[], hunk: Hunk, from: number, hint: number): number | undefined {
  if (hunk.before.length === 0) return insertionPlace(lines, hunk, from, hint);
  for (const look of LOOKS) {
    const wanted = hunk.before.map(look);
    const places: number[] = [];
    for (let at = from; at + wanted.length <= lines.length; at += 1) {
      if (wanted.every((line, index) => look(lines[at + index]!) === line)) places.push(at);
    }
    if (places.length > 0)
      return places.reduce((best, at) => (Math.abs(at - hint) < Math.abs(best - hint) ? at : best));
  }
  return undefined;
}

/** Nothing to find: after the line the patch names, after its anchor, or at the end. */
function insertionPlace(lines: string[], hunk: Hunk, from: number, hint: number): number {
  if (hunk.line !== undefined) return Math.min(Math.max(hint + 1, from), lines.length);
  return hunk.anchor === undefined ? lines.length : from;
}

/** Context keeps the file's own spelling where the patch's differs in spaces, and new lines take its indentation. */
function keepSpelling(hunk: Hunk, there: string[]): string[] {
  const told = hunk.before.findIndex((line) => line.trim() !== "");
  const shift = told < 0 ? undefined : indentShift(there[told]!, hunk.before[told]!);
  let next = 0;
  return hunk.after.map((line) => {
    const own = hunk.before.indexOf(line, next);
    if (own < 0) return shift ? shiftLine(line, shift) : line;
    next = own + 1;
    return there[own]!;
  });
}

import { AppError } from "../../base/appError.ts";
import { Pace } from "../../base/turns/pace.ts";
import type { Hunk } from "./fileChange.ts";
import { type Place, placeHunks } from "./placeHunks.ts";
import { indentShift, shiftLine } from "./indentShift.ts";
import { lineEnding } from "./lineEnding.ts";
import { type LineTable, readLines } from "./lineTable.ts";

/**
 * The text with all hunks applied, or a `conflict` that says why one fits nowhere, or where it fits more than once. Lines
 * that no hunk changes keep their bytes; new ones end as the line does that they replace, or that stands before them.
 */
export async function applyHunks(path: string, text: string, hunks: Hunk[], pace = new Pace()): Promise<string> {
  const lines = await readLines(text, pace);
  const places = await placeHunks(path, text, lines, hunks, pace);
  const common = lineEnding(text);
  const parts: string[] = [];
  let from = 0;
  for (const place of places.toSorted((a, b) => a.at - b.at)) {
    if (place.at < from)
      throw new AppError("conflict", `Two hunks change the same lines of ${path}, near line ${place.at + 1}`);
    parts.push(text.slice(lines.start(from), lines.start(place.at)));
    parts.push(...changedLines(place, lines, common));
    from = place.at + place.hunk.before.length;
  }
  parts.push(text.slice(lines.start(from)));
  const told = places.find(({ hunk, at }) => hunk.openEnd && at + hunk.before.length === lines.count)?.hunk.openEnd;
  const isOpen = lines.count > 0 && lines.ending(lines.count - 1) === "";
  const result = withOpenEnd(parts, isOpen, common);
  // Somebody may have done that already.
  if (!told || told.before === told.after || told.after === isOpen || result === "") return result;
  return told.after ? result.replace(/\r?\n$/, "") : result + common;
}

/** The lines that take a hunk's place, each with its ending. */
function changedLines({ hunk, at }: Place, lines: LineTable, common: string): string[] {
  const there = (index: number) => (index < hunk.before.length ? lines.ending(at + index) : "");
  const beside = there(0) || (at > 0 ? lines.ending(at - 1) : "") || common;
  const told = hunk.before.findIndex((line) => line.trim() !== "");
  const shift = told < 0 ? undefined : indentShift(lines.text(at + told), hunk.before[told]!);
  let next = 0;
  return hunk.after.map((line) => {
    const own = hunk.before.indexOf(line, next);
    if (own < 0) return (shift ? shiftLine(line, shift) : line) + (there(next) || beside);
    next = own + 1;
    // Context keeps the file's own spelling where the patch's differs in spaces.
    return lines.text(at + own) + (there(own) || beside);
  });
}

/** The last line has an ending if, and only if, it had one before; and every other line has. */
function withOpenEnd(parts: string[], isOpen: boolean, common: string): string {
  const whole = parts.filter((part) => part !== "");
  const result = whole
    .map((part, index) => (isOpen && index < whole.length - 1 && !part.endsWith("\n") ? part + common : part))
    .join("");
  return isOpen ? result.replace(/\r?\n$/, "") : result;
}

import { AppError } from "../../base/appError.ts";
import { cutText } from "../../base/cutText.ts";
import type { Pace } from "../../base/turns/pace.ts";
import type { Hunk } from "./fileChange.ts";
import { noMatchReport } from "./matchReport.ts";
import type { LineTable } from "./lineTable.ts";

/** Where a hunk's first line stands, from 0. */
export interface Place {
  hunk: Hunk;
  at: number;
}

/**
 * Finds every hunk by its lines: exactly, then without regard to spaces at line ends, then to indentation. Between several
 * places decide its anchors, its line number where it is right, and the order of the hunks; where these leave a choice, or
 * nothing fits, it is a `conflict`.
 */
export async function placeHunks(
  path: string,
  text: string,
  lines: LineTable,
  hunks: Hunk[],
  pace: Pace,
): Promise<Place[]> {
  const choices: number[][] = [];
  for (const hunk of hunks) {
    const spans = await anchoredSpans(path, lines, hunk, pace);
    const found = hunk.before.length === 0 ? insertions(lines, hunk, spans) : await findBlock(lines, hunk, spans, pace);
    if (found.length === 0)
      throw new AppError("conflict", await noMatchReport(path, text, hunk.before.join("\n"), pace));
    const told = hunk.line === undefined ? undefined : hunk.line - 1;
    choices.push(told !== undefined && found.includes(told) ? [told] : found);
  }
  return choose(path, hunks, choices);
}

/** The one way to put the hunks down in their order; a hunk with a single place may also stand out of it. */
function choose(path: string, hunks: Hunk[], choices: number[][]): Place[] {
  const first: number[] = [];
  const last: number[] = [];
  for (let index = 0, from = 0; index < hunks.length; index += 1) {
    const at = choices[index]!.length === 1 ? choices[index]![0]! : choices[index]!.find((place) => place >= from);
    first[index] = at ?? -1;
    if (at !== undefined && at >= from) from = at + hunks[index]!.before.length;
  }
  for (let index = hunks.length - 1, to = Infinity; index >= 0; index -= 1) {
    const size = hunks[index]!.before.length;
    const at =
      choices[index]!.length === 1 ? choices[index]![0]! : choices[index]!.findLast((place) => place + size <= to);
    last[index] = at ?? -1;
    if (at !== undefined && at + size <= to) to = at;
  }
  return hunks.map((hunk, index) => {
    if (first[index] !== last[index] || first[index] === -1) throw ambiguous(path, hunk, choices[index]!);
    return { hunk, at: first[index]! };
  });
}

function ambiguous(path: string, hunk: Hunk, places: number[]): AppError {
  const shown = places.slice(0, 10).map((at) => at + 1);
  const more = places.length > shown.length ? ", ..." : "";
  const quoted = JSON.stringify(cutText((hunk.before.length > 0 ? hunk.before : hunk.after).join("\n"), 200));
  return new AppError(
    "conflict",
    `A hunk fits ${places.length} places in ${path}, at lines ${shown.join(", ")}${more}: ${quoted}. Add lines around it, or an anchor, to say which one.`,
  );
}

interface Span {
  /** The first line that belongs to it, and the first that does not. */
  from: number;
  to: number;
}

/** Where a hunk may stand: everywhere, or behind each place where its anchors follow one another, up to the next such place. */
async function anchoredSpans(path: string, lines: LineTable, hunk: Hunk, pace: Pace): Promise<Span[]> {
  let spans: Span[] = [{ from: 0, to: lines.count }];
  for (const anchor of hunk.anchors ?? []) {
    const places = await findAnchor(lines, anchor, spans, pace);
    if (places.length === 0)
      throw new AppError("conflict", `The anchor ${JSON.stringify(cutText(anchor, 200))} was not found in ${path}`);
    spans = places.map(({ at, to }, index) => ({ from: at + 1, to: Math.min(to, places[index + 1]?.at ?? to) }));
  }
  return spans;
}

/** Lines that are an anchor, or, when none is, that begin with it. */
async function findAnchor(
  lines: LineTable,
  anchor: string,
  spans: Span[],
  pace: Pace,
): Promise<{ at: number; to: number }[]> {
  const wanted = anchor.trim();
  const fits = [(line: string) => line === wanted, (line: string) => line.startsWith(wanted)];
  for (const fit of fits) {
    const found: { at: number; to: number }[] = [];
    for (const { from, to } of spans) {
      for (let at = from; at < to; at += 1) {
        if (pace.isDue()) await pace.rest();
        if (fit(lines.text(at).trim())) found.push({ at, to });
      }
    }
    if (found.length > 0) return found;
  }
  return [];
}

const LOOKS: ((line: string) => string)[] = [(line) => line, (line) => line.trimEnd(), (line) => line.trim()];

async function findBlock(lines: LineTable, hunk: Hunk, spans: Span[], pace: Pace): Promise<number[]> {
  for (const look of LOOKS) {
    const wanted = hunk.before.map(look);
    const found = new Set<number>();
    for (const { from, to } of spans) {
      for (let at = from; at < to && at + wanted.length <= lines.count; at += 1) {
        if (pace.isDue()) await pace.rest();
        if (wanted.every((line, index) => look(lines.text(at + index)) === line)) found.add(at);
      }
    }
    if (found.size > 0) return [...found].toSorted((a, b) => a - b);
  }
  return [];
}

/** Nothing to find: after the line the patch names, after its anchor, or at the end. */
function insertions(lines: LineTable, hunk: Hunk, spans: Span[]): number[] {
  if (hunk.anchors) return spans.map((span) => span.from);
  return [hunk.line === undefined ? lines.count : Math.min(hunk.line, lines.count)];
}

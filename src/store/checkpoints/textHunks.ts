import { createHash } from "node:crypto";
import { diffLines } from "diff";

/** Lines of one text that stand in the place of lines of another. */
export interface TextHunk {
  /** The same as long as the lines before and after it and their place in the former text are. */
  id: string;
  /** From 0. Where there are no lines: the line before which they were, or would be. */
  beforeStart: number;
  before: string[];
  nowStart: number;
  now: string[];
}

// Two texts that have little in common take for ever to compare.
const COMPARE_MS = 2000;

/** What is different between two texts, in their order; undefined where that takes too long to find out. */
export function textHunks(before: string, now: string): TextHunk[] | undefined {
  const parts = diffLines(before, now, { timeout: COMPARE_MS });
  if (!parts) return undefined;
  const hunks: TextHunk[] = [];
  let [beforeLine, nowLine] = [0, 0];
  let open: TextHunk | undefined;
  for (const { added, removed, value } of parts) {
    const lines = toLines(value);
    if (!added && !removed) open = undefined;
    else if (!open) hunks.push((open = { id: "", beforeStart: beforeLine, before: [], nowStart: nowLine, now: [] }));
    if (!added) beforeLine += lines.length;
    if (!removed) nowLine += lines.length;
    if (added) open!.now.push(...lines);
    if (removed) open!.before.push(...lines);
  }
  return hunks.map((hunk) => ({ ...hunk, id: idOf(hunk) }));
}

/** The later text with some of its hunks as they were before. */
export function withoutHunks(now: string, hunks: readonly TextHunk[]): string {
  const lines = toLines(now);
  for (const { nowStart, now: there, before } of hunks.toSorted((a, b) => b.nowStart - a.nowStart))
    lines.splice(nowStart, there.length, ...before);
  return lines.join("");
}

/** With their ends. */
function toLines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function idOf({ beforeStart, before, now }: TextHunk): string {
  return createHash("sha256")
    .update(JSON.stringify([beforeStart, before, now]))
    .digest("hex")
    .slice(0, 16);
}

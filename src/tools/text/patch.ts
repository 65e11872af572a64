import { AppError } from "../../base/appError.ts";
import { parseBeginPatch } from "./beginPatch.ts";
import { parseUnifiedDiff } from "./unifiedDiff.ts";

/** One file of a patch. */
export type FileChange =
  | { type: "add"; path: string; text: string }
  | { type: "delete"; path: string }
  | { type: "update"; path: string; moveTo?: string; hunks: Hunk[] };

/** Lines that become other lines. Context is in both. */
export interface Hunk {
  before: string[];
  after: string[];
  /** 1-based line that the patch claims; only a hint. */
  line?: number;
  /** A line that comes somewhere before the hunk, as in "@@ class Foo". */
  anchor?: string;
}

/** Reads "*** Begin Patch" patches and unified diffs. Anything else is a `bad_request` that names the line. */
export function parsePatch(text: string): FileChange[] {
  const lines = text
    .replaceAll("\r\n", "\n")
    .replace(/^\s*```\w*\n([\s\S]*?)\n```\s*$/, "$1")
    .split("\n");
  const changes = lines.some((line) => line.trim() === "*** Begin Patch")
    ? parseBeginPatch(lines)
    : parseUnifiedDiff(lines);
  if (changes.length === 0) {
    throw new AppError(
      "bad_request",
      'The patch changes no file. It starts with "*** Begin Patch" or is a unified diff',
    );
  }
  const seen = new Set<string>();
  for (const path of changes.flatMap((change) =>
    "moveTo" in change && change.moveTo ? [change.path, change.moveTo] : [change.path],
  )) {
    if (seen.has(path)) throw new AppError("bad_request", `The patch names ${path} twice; put all its hunks together`);
    seen.add(path);
  }
  return changes;
}

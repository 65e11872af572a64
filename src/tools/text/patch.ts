import { AppError } from "../../base/appError.ts";
import { parseBeginPatch } from "./beginPatch.ts";
import type { FileChange } from "./fileChange.ts";
import { parseUnifiedDiff } from "./unifiedDiff.ts";

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

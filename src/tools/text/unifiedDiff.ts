import { AppError } from "../../base/appError.ts";
import { unexpectedLine } from "./beginPatch.ts";
import { nameInLine, plainName } from "./diffName.ts";
import type { FileChange, Hunk } from "./fileChange.ts";
import { hasHunks, readGitHeader } from "./gitHeader.ts";
import { defined } from "../../base/defined.ts";

/**
 * Reads `diff -u` and `git diff` output, renames and deletions included. Counts in hunk headers are only believed as far as they
 * fit; a line that would have been one of a hunk and is none is refused, for without it the rest is another change.
 */
export function parseUnifiedDiff(lines: string[]): FileChange[] {
  const changes: FileChange[] = [];
  let renameFrom: string | undefined;
  let mode: string | undefined;
  let isTold = false;
  const add = (change: FileChange) => {
    changes.push({ ...change, ...defined({ mode }) });
    renameFrom = undefined;
    mode = undefined;
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    isTold = line.startsWith("diff --git ") ? false : isTold || STORY.test(line);
    if (line.startsWith("diff --git ")) {
      const header = readGitHeader(lines, at);
      mode = header.mode;
      if (header.bare) add(header.bare);
    } else if (line.startsWith("rename from ")) renameFrom = plainName(line.slice("rename from ".length).trim());
    else if (line.startsWith("rename to ") && renameFrom !== undefined && !hasHunks(lines, at)) {
      const moveTo = plainName(line.slice("rename to ".length).trim());
      add({ type: "update", path: renameFrom, moveTo, hunks: [] });
    } else if (/^(GIT binary patch|Binary files )/.test(line)) {
      throw new AppError("bad_request", "A patch of binary files cannot be applied");
    } else if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) {
      const { hunks, next } = readHunks(lines, at + 2);
      add(toChange(nameInLine(line), nameInLine(lines[at + 1]!), hunks));
      at = next - 1;
      isTold = false;
    } else if (line.startsWith("@@")) {
      throw new AppError("bad_request", `Line ${at + 1} of the patch starts a hunk before any "--- " and "+++ " lines`);
    } else if (changes.length > 0 && !isTold && isOfHunk(line)) throw unexpectedLine(at, line);
  }
  return changes;
}

function toChange(from: string | undefined, to: string | undefined, hunks: Hunk[]): FileChange {
  if (from === undefined && to === undefined) throw new AppError("bad_request", "The patch has a file without a name");
  if (from === undefined) {
    const text = hunks.flatMap((hunk) => hunk.after.map((line) => `${line}\n`)).join("");
    return { type: "add", path: to!, text: hunks.at(-1)?.openEnd?.after ? text.slice(0, -1) : text };
  }
  if (to === undefined) return { type: "delete", path: from, hunks };
  if (hunks.length === 0) throw new AppError("bad_request", `The patch has no hunks for ${to}`);
  return { type: "update", path: from, ...(from === to ? {} : { moveTo: to }), hunks };
}

function readHunks(lines: string[], from: number): { hunks: Hunk[]; next: number } {
  const hunks: Hunk[] = [];
  let at = from;
  while (lines[at]?.startsWith("@@")) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lines[at]!);
    const hunk: Hunk = { before: [], after: [], ...(header ? { line: Number(header[1]) } : {}) };
    const left = {
      before: header ? Number(header[2] ?? 1) : Infinity,
      after: header ? Number(header[3] ?? 1) : Infinity,
    };
    for (at += 1; at < lines.length; at += 1) {
      const line = lines[at]!;
      const isDone = hunk.before.length >= left.before && hunk.after.length >= left.after;
      if (line.startsWith("\\ ")) {
        hunk.openEnd = withOpenLine(hunk.openEnd, lines[at - 1]!);
        continue;
      }
      if (line === "" ? isDone || at === lines.length - 1 : !/^[ +-]/.test(line)) break;
      if ((isDone || !header) && (startsFile(lines, at) || line === SIGNATURE)) break;
      if (!line.startsWith("+")) hunk.before.push(line.slice(1));
      if (!line.startsWith("-")) hunk.after.push(line.slice(1));
    }
    hunks.push(hunk);
    const isWhole = hunk.before.length >= left.before && hunk.after.length >= left.after;
    if (!isWhole && !/^(?:@@|--- |diff |index |Index: |```|\*\*\* End Patch|\s*$)/i.test(lines[at] ?? ""))
      throw unexpectedLine(at, lines[at]!);
  }
  return { hunks, next: at };
}

/** Above a mail's last lines. */
const SIGNATURE = "-- ";

/** Where a commit's or a mail's own words begin, of several one behind another, or those behind a diff in a message. */
const STORY = /^(?:commit [\da-f]{7,}|From [\da-f]+ |-- $|```)/;

/** As a line of a hunk begins, or what is meant for its header. */
const isOfHunk = (line: string): boolean => /^[ +@-]/.test(line) && line.trim() !== "" && line !== SIGNATURE;

const startsFile = (lines: string[], at: number): boolean =>
  lines[at]!.startsWith("--- ") && (lines[at + 1]?.startsWith("+++ ") ?? false);

/** "\\ No newline at end of file" speaks of the line above it. */
function withOpenLine(known: Hunk["openEnd"], above: string): Hunk["openEnd"] {
  return {
    before: (known?.before ?? false) || !above.startsWith("+"),
    after: (known?.after ?? false) || !above.startsWith("-"),
  };
}

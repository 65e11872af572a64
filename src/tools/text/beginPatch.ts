import { AppError } from "../../base/appError.ts";
import type { FileChange, Hunk } from "./fileChange.ts";
import { defined } from "../../base/defined.ts";
import { headOf } from "../../base/cutText.ts";

/**
 * Reads the sections between "*** Begin Patch" and "*** End Patch", of several patches too; a missing end is forgiven, and what
 * is said before, between and after them.
 */
export function parseBeginPatch(lines: string[]): FileChange[] {
  const changes: FileChange[] = [];
  let isInside = false;
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!;
    const header = /^\*\*\* (Add|Update|Delete) File: (.+)/.exec(line);
    if (!header) {
      const mark = /^\*\*\* (Begin|End) Patch$/.exec(line.trim())?.[1];
      if (mark) isInside = mark === "Begin";
      else if (isInside ? line.trim() !== "" : /^(?:@@|--- |\+\+\+ |diff --git )/.test(line))
        throw unexpectedLine(at, line);
      at += 1;
      continue;
    }
    const path = header[2]!.trim();
    const body = bodyAfter(lines, at);
    if (header[1] === "Add") changes.push({ type: "add", path, text: addedText(body, at) });
    else if (header[1] === "Delete") changes.push({ type: "delete", path });
    else changes.push(toUpdate(path, body, at));
    isInside = true;
    at += body.length + 1;
  }
  return changes;
}

function bodyAfter(lines: string[], header: number): string[] {
  const next = lines.findIndex(
    (line, index) => index > header && /^\*\*\* ((Add|Update|Delete) File: |(Begin|End) Patch\s*$)/.test(line),
  );
  return lines.slice(header + 1, next < 0 ? lines.length : next);
}

function addedText(body: string[], header: number): string {
  const lines = body.at(-1) === "" ? body.slice(0, -1) : body;
  return lines
    .map((line, index) => {
      if (!line.startsWith("+")) throw unexpectedLine(header + 1 + index, line);
      return `${line.slice(1)}\n`;
    })
    .join("");
}

function toUpdate(path: string, body: string[], header: number): FileChange {
  const hunks: Hunk[] = [];
  let moveTo: string | undefined;
  let hunk: Hunk | undefined;
  for (const [index, line] of body.entries()) {
    const move = /^\*\*\* Move to: (.+)/.exec(line);
    if (move && !hunk) moveTo = move[1]!.trim();
    else if (line.startsWith("@@")) {
      const header = /^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@ ?/.exec(line);
      const anchor = line
        .slice(header?.[0].length ?? 2)
        .replace(/@@\s*$/, "")
        .trim();
      // One after another they narrow the place in turn.
      const isStacked = hunk?.anchors && hunk.before.length + hunk.after.length === 0;
      if (!isStacked || !hunk) hunks.push((hunk = { before: [], after: [] }));
      if (header) hunk.line = Number(header[1]);
      if (anchor !== "") hunk.anchors = [...(hunk.anchors ?? []), anchor];
    } else if (line.trim() !== "*** End of File") {
      if (!hunk) hunks.push((hunk = { before: [], after: [] }));
      addLine(hunk, line, header + 1 + index);
    }
  }
  const filled = hunks.map(withoutTail).filter((one) => one.before.length + one.after.length > 0);
  if (filled.length === 0 && !moveTo) throw new AppError("bad_request", `The patch has no lines for ${path}`);
  return { type: "update", path, ...defined({ moveTo: moveTo || undefined }), hunks: filled };
}

function addLine(hunk: Hunk, line: string, number: number): void {
  const rest = line.slice(1);
  if (line.startsWith("+")) hunk.after.push(rest);
  else if (line.startsWith("-")) hunk.before.push(rest);
  // Models drop the space of an empty context line.
  else if (line.startsWith(" ") || line === "") {
    hunk.before.push(rest);
    hunk.after.push(rest);
  } else throw unexpectedLine(number, line);
}

/** Empty lines at a hunk's end separate it from what follows more often than they are context. */
function withoutTail(hunk: Hunk): Hunk {
  if (hunk.before.at(-1) !== "" || hunk.after.at(-1) !== "") return hunk;
  return withoutTail({ ...hunk, before: hunk.before.slice(0, -1), after: hunk.after.slice(0, -1) });
}

/** A `bad_request` that names a line, counted from 0. */
export function unexpectedLine(index: number, line: string): AppError {
  return new AppError(
    "bad_request",
    `Line ${index + 1} of the patch is not expected there: ${JSON.stringify(headOf(line, 200))}`,
  );
}

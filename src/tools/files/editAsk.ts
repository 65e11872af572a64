import { createHash } from "node:crypto";
import { visible, visibleLine } from "../../base/visible.ts";
import type { TextEncodingName } from "../../core/ports/files.ts";
import type { ApprovalAsk } from "../../core/ports/tool.ts";
import { protectedChange, protectedReason } from "../../base/protectedPath.ts";
import type { WorkspacePath } from "./workspacePath.ts";

/** A file before and after; null where there is none. */
export interface FileEdit {
  path: WorkspacePath;
  before: string | null;
  after: string | null;
  /** Of the file that is there. */
  encoding?: TextEncodingName;
}

/** What a user is asked before files are changed: all of them, in one comparison. */
export function editAsk(edits: FileEdit[]): ApprovalAsk {
  const reasons = edits
    .map(({ path, before, after }) => protectedReason(path.real, "write") ?? protectedChange(path.real, before, after))
    .filter((reason) => reason !== undefined);
  const [only] = edits;
  const deleted = edits.filter((edit) => edit.after === null).map((edit) => edit.path.shown);
  const names = edits.map((edit) => edit.path.shown).join(", ");
  return {
    summary: visibleLine(edits.map((edit) => `${verbOf(edit)} ${edit.path.shown}`).join(", ")),
    subject:
      only && edits.length === 1
        ? { type: "edit", path: visible(only.path.shown), before: shown(only.before), after: shown(only.after) }
        : { type: "edit", path: visible(names), before: joined(edits, "before"), after: joined(edits, "after") },
    reason: reasons.length > 0 ? `protected path: ${reasons.join(", ")}` : whatItDoes(edits, deleted),
    safe: false,
    protected: reasons.length > 0,
    // What is allowed for changes does not cover a delete, and a delete covers no other.
    scope: deleted.length > 0 ? `delete:${deleted.toSorted().join("\0")}` : "edit",
    effects: edits.map((edit) => ({
      kind: edit.after === null ? "delete" : "change",
      place: edit.path.real,
      before: digest(edit.before),
      after: digest(edit.after),
    })),
  };
}

function whatItDoes(edits: FileEdit[], deleted: string[]): string {
  const changed = edits.length - deleted.length;
  const changes = changed === 0 ? "" : changed === 1 ? "changes a file" : `changes ${changed} files`;
  const deletes = deleted.length === 0 ? "" : visibleLine(`deletes ${deleted.join(", ")}`);
  return [changes, deletes].filter((part) => part !== "").join(", ");
}

function digest(text: string | null): string | null {
  return text === null ? null : createHash("sha256").update(text).digest("hex");
}

function verbOf(edit: FileEdit): string {
  if (edit.after === null) return "delete";
  return edit.before === null ? "create" : "change";
}

function joined(edits: FileEdit[], side: "before" | "after"): string {
  return edits
    .filter((edit) => edit[side] !== null)
    .map((edit) => `=== ${visible(edit.path.shown)}\n${shown(edit[side])}`)
    .join("\n");
}

/** Line endings are no trick, other hidden characters may be. */
function shown(text: string | null): string {
  return (text ?? "").split("\r\n").map(visible).join("\r\n");
}

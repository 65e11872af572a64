import { visible, visibleLine } from "../../base/visible.ts";
import type { ApprovalAsk } from "../../core/ports/tool.ts";
import { protectedChange, protectedReason } from "../../base/protectedPath.ts";
import type { WorkspacePath } from "./workspacePath.ts";

/** A file before and after; null where there is none. */
export interface FileEdit {
  path: WorkspacePath;
  before: string | null;
  after: string | null;
}

/** What a user is asked before files are changed: all of them, in one comparison. */
export function editAsk(edits: FileEdit[]): ApprovalAsk {
  const reasons = edits
    .map(({ path, before, after }) => protectedReason(path.real, "write") ?? protectedChange(path.real, before, after))
    .filter((reason) => reason !== undefined);
  const [only] = edits;
  const names = edits.map((edit) => edit.path.shown).join(", ");
  return {
    summary: visibleLine(edits.map((edit) => `${verbOf(edit)} ${edit.path.shown}`).join(", ")),
    subject:
      only && edits.length === 1
        ? { type: "edit", path: visible(only.path.shown), before: shown(only.before), after: shown(only.after) }
        : { type: "edit", path: visible(names), before: joined(edits, "before"), after: joined(edits, "after") },
    reason:
      reasons.length > 0
        ? `protected path: ${reasons.join(", ")}`
        : edits.length === 1
          ? "changes a file"
          : `changes ${edits.length} files`,
    safe: false,
    protected: reasons.length > 0,
    scope: "edit",
  };
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

import { visible, visibleLine, visibleOnce } from "../../base/text/visible.ts";
import type { FileForm, TextEncodingName } from "../../core/ports/files.ts";
import type { ApprovalAsk, AskedEffect } from "../../core/ports/tool.ts";
import { changeReason } from "./changeReason.ts";
import { excerpt } from "./excerpt.ts";
import type { WorkspacePath } from "./workspacePath.ts";

/** A file before and after; null where there is none. */
export interface FileEdit {
  path: WorkspacePath;
  before: string | null;
  after: string | null;
  /** Of the file that is there: its bytes and mode, which a text alone does not show. */
  stamp?: string | undefined;
  /** Of the file that is there. */
  encoding?: TextEncodingName;
  /** Of a file that is made, or that goes and may have to come back. */
  form?: FileForm;
}

/** What a user is asked before files are changed: all of them, in one comparison. */
export async function editAsk(edits: FileEdit[], workspace: string): Promise<ApprovalAsk> {
  const found = await Promise.all(edits.map((edit) => changeReason(edit, workspace)));
  const reasons = found.filter((reason) => reason !== undefined);
  const [only] = edits;
  const deleted = edits.filter((edit) => edit.after === null).map((edit) => edit.path.shown);
  const names = edits.map((edit) => edit.path.shown).join(", ");
  return {
    summary: visibleLine(visibleOnce(edits.map((edit) => `${verbOf(edit)} ${edit.path.shown}`).join(", "))),
    subject:
      only && edits.length === 1
        ? { type: "edit", path: visibleOnce(only.path.shown), ...shownSides(only) }
        : { type: "edit", path: visibleOnce(names), before: joined(edits, "before"), after: joined(edits, "after") },
    reason: reasons.length > 0 ? `protected path: ${reasons.join(", ")}` : whatItDoes(edits, deleted),
    safe: false,
    protected: reasons.length > 0,
    effects: await Promise.all(edits.map(toEffect)),
  };
}

function whatItDoes(edits: FileEdit[], deleted: string[]): string {
  const changed = edits.length - deleted.length;
  const changes = changed === 0 ? "" : changed === 1 ? "changes a file" : `changes ${changed} files`;
  const deletes = deleted.length === 0 ? "" : visibleLine(`deletes ${deleted.join(", ")}`);
  return [changes, deletes].filter((part) => part !== "").join(", ");
}

async function toEffect({ path, before, after }: FileEdit): Promise<AskedEffect> {
  return {
    kind: after === null ? "delete" : "change",
    place: path.real,
    before: await digest(before),
    after: await digest(after),
  };
}

/** By the platform, off the main thread: a long text takes its time. */
async function digest(text: string | null): Promise<string | null> {
  if (text === null) return null;
  return Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(text))).toString("hex");
}

function verbOf(edit: FileEdit): string {
  if (edit.after === null) return "delete";
  return edit.before === null ? "create" : "change";
}

function joined(edits: FileEdit[], side: "before" | "after"): string {
  return edits
    .filter((edit) => edit[side] !== null)
    .map((edit) => `=== ${visibleOnce(edit.path.shown)}\n${shownSides(edit)[side]}`)
    .join("\n");
}

/** Line endings are no trick, other hidden characters may be. */
function shownSides({ before, after }: FileEdit): { before: string; after: string } {
  const sides = excerpt(before ?? "", after ?? "");
  const shown = (text: string) => text.split("\r\n").map(visible).join("\r\n");
  return { before: shown(sides.before), after: shown(sides.after) };
}

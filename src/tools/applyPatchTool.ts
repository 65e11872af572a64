import { rm } from "node:fs/promises";
import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defineTool, type ToolContext } from "../core/ports/tool.ts";
import { editAsk, type FileEdit } from "./files/editAsk.ts";
import { checkRealFolder } from "./files/realFile.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";
import { applyHunks } from "./text/applyHunks.ts";
import type { FileChange } from "./text/fileChange.ts";
import { parsePatch } from "./text/patch.ts";

export const applyPatch = defineTool({
  name: "apply_patch",
  description:
    'Change several files at once, all or none: a unified diff, or "*** Begin Patch" with "*** Add|Update|Delete File: path" sections, hunks after @@ with context lines, and "*** End Patch".',
  input: z.object({ patch: z.string() }),
  effect: "write",
  needsWorkspace: true,

  async approval({ patch }, context) {
    return editAsk(await planned(patch, context));
  },

  async run({ patch }, context) {
    const edits = await planned(patch, context);
    await writeAll(edits, context);
    return {
      text: edits
        .map(
          (edit) =>
            `${edit.after === null ? "Deleted" : edit.before === null ? "Created" : "Changed"} ${edit.path.shown}`,
        )
        .join("\n"),
    };
  },
});

async function planned(patch: string, context: ToolContext): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  for (const change of parsePatch(patch)) edits.push(...(await toEdits(change, context)));
  const places = edits.map((edit) => edit.path.real);
  const twice = edits.find((edit, index) => places.indexOf(edit.path.real) !== index);
  if (twice) throw new AppError("bad_request", `The patch changes ${twice.path.shown} twice`);
  return edits;
}

async function toEdits(change: FileChange, context: ToolContext): Promise<FileEdit[]> {
  const { path, text: before } = await readWorkspaceText(context, change.path);
  if (change.type === "add") {
    if (before !== null) throw new AppError("conflict", `${path.shown} exists already`);
    return [{ path, before, after: change.text }];
  }
  if (before === null) throw new AppError("not_found", `${path.shown} does not exist`);
  if (change.type === "delete") return [{ path, before, after: null }];
  const after = applyHunks(path.shown, before, change.hunks);
  if (!change.moveTo) return [{ path, before, after }];
  const target = await readWorkspaceText(context, change.moveTo);
  if (target.text !== null) throw new AppError("conflict", `${target.path.shown} exists already`);
  return [
    { path: target.path, before: null, after },
    { path, before, after: null },
  ];
}

/** Writes all files, or puts back what was written when one of them fails. */
async function writeAll(edits: FileEdit[], context: ToolContext): Promise<void> {
  const done: FileEdit[] = [];
  try {
    for (const edit of edits) {
      await writeOne(edit, context);
      done.push(edit);
    }
  } catch (error) {
    for (const edit of done.toReversed()) {
      await writeOne({ path: edit.path, before: edit.after, after: edit.before }, context).catch((second: unknown) => {
        context.log.error("A patch that failed could not be undone", { path: edit.path.shown, error: String(second) });
      });
    }
    throw error;
  }
}

async function writeOne({ path, before, after }: FileEdit, context: ToolContext): Promise<void> {
  if (after !== null) return await context.files.writeText(path.real, after, before);
  if ((await context.files.readText(path.real)) !== before) {
    throw new AppError("conflict", `${path.shown} has changed in the meantime; read it again`);
  }
  if (context.files.remove) return await context.files.remove(path.real);
  await checkRealFolder(path.real);
  await rm(path.real);
}

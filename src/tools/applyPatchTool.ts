import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import { Pace } from "../base/turns/pace.ts";
import { defineTool, type Prepared, type ToolContext } from "../core/ports/tool.ts";
import type { FileEdit } from "./files/editAsk.ts";
import { encodingNote, prepareEdits } from "./files/fileEdits.ts";
import { plannedFrom, plannedOrAsked } from "./files/untold.ts";
import { toWorkspacePath } from "./files/workspacePath.ts";
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

  async prepare({ patch }, context) {
    const changes = parsePatch(patch);
    return await plannedOrAsked(
      () => plan(changes, context),
      () => wordsOf(changes, context),
    );
  },
});

async function plan(changes: FileChange[], context: ToolContext): Promise<Prepared> {
  const edits: FileEdit[] = [];
  for (const change of changes) edits.push(...(await toEdits(change, context)));
  const places = edits.map((edit) => edit.path.real);
  const twice = edits.find((edit, index) => places.indexOf(edit.path.real) !== index);
  if (twice) throw new AppError("bad_request", `The patch changes ${twice.path.shown} twice`);
  return prepareEdits(edits, context, [...edits.map(toldOf), ...changes.flatMap(modeNote)].join("\n"));
}

/** As `editAsk` would say it. */
async function wordsOf(changes: FileChange[], { workspace }: ToolContext): Promise<string> {
  const verbs = { add: "create", delete: "delete", update: "change" };
  const shown = async (path: string) => (await toWorkspacePath(workspace, path)).shown;
  const parts = changes.map(async (change) => {
    const path = await shown(change.path);
    return change.type === "update" && change.moveTo
      ? `create ${await shown(change.moveTo)}, delete ${path}`
      : `${verbs[change.type]} ${path}`;
  });
  return (await Promise.all(parts)).join(", ");
}

function toldOf(edit: FileEdit): string {
  const verb = edit.after === null ? "Deleted" : edit.before === null ? "Created" : "Changed";
  return `${verb} ${edit.path.shown}${encodingNote(edit)}`;
}

function modeNote(change: FileChange): string[] {
  const path = change.type === "update" && change.moveTo ? change.moveTo : change.path;
  return change.mode === undefined ? [] : [`The mode of ${path} was not set: ${change.mode} in the patch`];
}

async function toEdits(change: FileChange, context: ToolContext): Promise<FileEdit[]> {
  const found = await readWorkspaceText(context, change.path);
  return await plannedFrom(context, found, () => changed(change, found, context));
}

async function changed(
  change: FileChange,
  { path, text: before, encoding, stamp, form }: Awaited<ReturnType<typeof readWorkspaceText>>,
  context: ToolContext,
): Promise<FileEdit[]> {
  if (change.type === "add") {
    if (before !== null) throw new AppError("conflict", `${path.shown} exists already`);
    return [{ path, before, after: change.text }];
  }
  if (before === null) throw new AppError("not_found", `${path.shown} does not exist`);
  const hunks = change.hunks ?? [];
  const after = await applyHunks(path.shown, before, hunks, new Pace(context.signal));
  if (change.type === "delete") {
    if (change.hunks && after !== "")
      throw new AppError("conflict", `${path.shown} holds more than the patch deletes; read it again`);
    return [{ path, before, after: null, stamp, ...defined({ form }) }];
  }
  if (!change.moveTo) return [{ path, before, after, stamp, ...defined({ encoding }) }];
  const target = await readWorkspaceText(context, change.moveTo);
  if (target.text !== null) throw new AppError("conflict", `${target.path.shown} exists already`);
  return [
    { path: target.path, before: null, after, ...defined({ encoding, form }) },
    { path, before, after: null, stamp, ...defined({ form }) },
  ];
}

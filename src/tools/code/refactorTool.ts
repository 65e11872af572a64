import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { CodeEdit, CodeKnowledge, CodePosition } from "../../core/ports/codeKnowledge.ts";
import { defineTool, type ToolContext } from "../../core/ports/tool.ts";
import type { FileEdit } from "../files/editAsk.ts";
import { prepareEdits } from "../files/fileEdits.ts";
import { leadsWithin } from "../files/leadsWithin.ts";
import { readWorkspaceText } from "../files/workspaceText.ts";
import { findText, given, positionOf } from "./codeTool.ts";
import { needCode } from "./needCode.ts";
import { defined } from "../../base/defined.ts";

const MOST_FILES = 200;

const refactorInput = z.object({
  action: z.enum(["rename", "format"]),
  path: z.string(),
  symbol: z.string().max(500).optional(),
  line: z.int().min(1).max(1e9).optional(),
  newName: z.string().max(500).optional(),
});

export const refactor = defineTool({
  name: "refactor",
  description: "Have the editor's language server rename symbol in path, everywhere it is used, or format path.",
  input: refactorInput,
  effect: "write",
  needsWorkspace: true,
  needsEditor: true,

  async prepare(input, context) {
    const asked = needCode(context);
    const found = await findText(input.path, context);
    const edits = await editsOf(input, found, asked, context);
    const planned = await Promise.all(edits.map((edit) => toFileEdit(edit, context)));
    const changed = planned.filter(({ before, after }) => before !== after);
    if (changed.length === 0)
      return { touches: [], run: async () => ({ text: `${found.path.shown} is formatted already` }) };
    const names = changed.map(({ path }) => path.shown).join(", ");
    const done = input.action === "rename" ? `Renamed ${input.symbol} to ${input.newName} in ` : "Formatted ";
    return await prepareEdits(changed, context, done + names);
  },
});

async function editsOf(
  { action, symbol, line, newName }: z.output<typeof refactorInput>,
  found: Awaited<ReturnType<typeof findText>>,
  asked: CodeKnowledge,
  context: ToolContext,
): Promise<CodeEdit[]> {
  const { shown, real } = found.path;
  if (action === "format") {
    const edit = await asked.format(real, context.signal);
    if (!edit) throw new AppError("not_found", `The editor has no formatter for files like ${shown}`);
    return [edit];
  }
  const name = given(newName, "newName");
  const place = await declared(positionOf(found, given(symbol, "symbol"), line), asked, context);
  const edits = await asked.rename(place, name, context.signal);
  if (edits.length === 0)
    throw new AppError("not_found", `The editor has nobody to rename ${symbol} in files like ${shown}; use edit`);
  if (edits.length > MOST_FILES)
    throw new AppError("bad_request", `It would change ${edits.length} files at once, which nobody can look through`);
  return edits;
}

/**
 * Where a name is declared, when it is declared once, in the workspace and by that name: renamed where it is used, servers may
 * leave the declaration as it is and make an alias.
 */
async function declared(used: CodePosition, asked: CodeKnowledge, context: ToolContext): Promise<CodePosition> {
  const [only, ...more] = await asked.definition(used, context.signal);
  if (!only || more.length > 0 || leadsWithin(context.workspace, only.path) === undefined) return used;
  const texts = [used, only].map(async (place) => nameAt((await context.files.readText(place.path)).text, place));
  const [here, there] = await Promise.all(texts);
  return here === there ? only : used;
}

function nameAt(text: string, { line, column }: CodePosition): string | undefined {
  return /^[\p{L}\p{N}_$]+/u.exec(text.split("\n")[line - 1]?.slice(column - 1) ?? "")?.[0];
}

/** As a change of what is there; `forbidden` outside of the workspace, `conflict` where the editor does not have it as it is. */
async function toFileEdit({ path, before, after }: CodeEdit, context: ToolContext): Promise<FileEdit> {
  const found = await readWorkspaceText(context, path);
  if (found.text !== before)
    throw new AppError(
      "conflict",
      `${found.path.shown} is not yet in the editor as it is on the disk, or an earlier call changes it; try again`,
    );
  const { stamp, encoding } = found;
  return { path: found.path, before, after, stamp, ...defined({ encoding }) };
}

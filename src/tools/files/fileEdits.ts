import { defined } from "../../base/defined.ts";
import { stat } from "node:fs/promises";
import { AppError, toErrorBody } from "../../base/appError.ts";
import type { Prepared, ToolContext } from "../../core/ports/tool.ts";
import { editAsk, type FileEdit } from "./editAsk.ts";
import { watchProblems } from "./newProblems.ts";

/** A call that makes files into what they were planned to be: all of them, or none. It tells what is wrong with them then, and was not before. */
export async function prepareEdits(edits: FileEdit[], context: ToolContext, told: string): Promise<Prepared> {
  return {
    ask: await editAsk(await writable(edits), context.workspace),
    touches: edits.map((edit) => edit.path.real),
    leaves: new Map(edits.map((edit) => [edit.path.real, edit.after])),
    async run() {
      const changed = edits.filter(({ after }) => after !== null).map(({ path }) => path.real);
      const newProblems = await watchProblems(changed, context);
      await writeAll(edits, context);
      // The files are changed, also where nobody waits for more.
      const problems = await newProblems().catch((error: unknown) => {
        if (!context.signal.aborted) throw error;
        return "";
      });
      return { text: told + problems };
    },
  };
}

/** " (utf-16le)", where a file is written in something else than most are. */
export function encodingNote({ encoding }: { encoding?: string | undefined }): string {
  return encoding === undefined || encoding === "utf-8" ? "" : ` (in ${encoding})`;
}

/** The edits, where none is of a file that nobody may write: of several the first would be made before the last is refused. */
async function writable(edits: FileEdit[]): Promise<FileEdit[]> {
  for (const { path, before, after } of edits) {
    const mode = before === null || after === null ? undefined : (await stat(path.real).catch(() => undefined))?.mode;
    if (mode !== undefined && (mode & 0o222) === 0)
      throw new AppError("forbidden", `${path.shown} is read-only; make it writable first, if it is meant to change`);
  }
  return edits;
}

/** Writes all files, or puts back what was written when one of them fails; what cannot be put back is named. */
async function writeAll(edits: FileEdit[], context: ToolContext): Promise<void> {
  const done: FileEdit[] = [];
  try {
    for (const edit of edits) {
      await writeOne(edit, context);
      done.push(edit);
    }
  } catch (error) {
    const left: string[] = [];
    for (const edit of done.toReversed()) {
      const undo = { path: edit.path, before: edit.after, after: edit.before, ...defined({ form: edit.form }) };
      await writeOne(undo, context).catch((second: unknown) => {
        left.unshift(edit.path.shown);
        context.log.error("A change that failed could not be undone", { path: edit.path.shown, error: String(second) });
      });
    }
    if (left.length === 0) throw error;
    const { code, message } = toErrorBody(error);
    throw new AppError(code, `${message}; what was changed before could not be put back: ${left.join(", ")}`, {
      cause: error,
    });
  }
}

async function writeOne({ path, before, after, stamp, form }: FileEdit, context: ToolContext): Promise<void> {
  const expected = before === null ? null : { text: before, ...defined({ stamp }) };
  if (after !== null) return await context.files.writeText(path.real, after, expected, form);
  if (expected === null) throw new AppError("not_found", `${path.shown} does not exist`);
  await context.files.remove(path.real, expected);
}

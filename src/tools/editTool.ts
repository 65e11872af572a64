import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defineTool, type ToolContext } from "../core/ports/tool.ts";
import { editAsk } from "./files/editAsk.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";
import type { WorkspacePath } from "./files/workspacePath.ts";
import { manyMatchesReport, noMatchReport } from "./text/matchReport.ts";
import { lineNumber } from "./text/textLines.ts";
import { findText, replaceAt } from "./text/textMatch.ts";

interface Input {
  path: string;
  oldText: string;
  newText: string;
  replaceAll?: boolean | undefined;
}

export const edit = defineTool({
  name: "edit",
  description: "Replace oldText in a file by newText. oldText must be in the file exactly once, unless replaceAll.",
  input: z.object({
    path: z.string(),
    oldText: z.string(),
    newText: z.string(),
    replaceAll: z.boolean().optional(),
  }),
  effect: "write",
  needsWorkspace: true,

  async approval(input, context) {
    const { path, before, after } = await planned(input, context);
    return editAsk([{ path, before, after }]);
  },

  async run(input, context) {
    const { path, before, after, lines } = await planned(input, context);
    await context.files.writeText(path.real, after, before);
    return { text: `Changed ${path.shown} at line${lines.length === 1 ? "" : "s"} ${lines.join(", ")}` };
  },
});

interface Planned {
  path: WorkspacePath;
  before: string;
  after: string;
  lines: number[];
}

async function planned(input: Input, context: ToolContext): Promise<Planned> {
  if (input.oldText === "") throw new AppError("bad_request", "oldText is empty; use write to make a file");
  if (input.oldText === input.newText) throw new AppError("bad_request", "oldText and newText are the same");
  const { path, text } = await readWorkspaceText(context, input.path);
  if (text === null) throw new AppError("not_found", `${path.shown} does not exist`);
  const matches = findText(text, input.oldText, input.newText);
  if (matches.length === 0) throw new AppError("conflict", noMatchReport(path.shown, text, input.oldText));
  if (matches.length > 1 && !input.replaceAll) {
    throw new AppError("conflict", manyMatchesReport(path.shown, text, matches));
  }
  return {
    path,
    before: text,
    after: replaceAt(text, matches),
    lines: matches.slice(0, 20).map((match) => lineNumber(text, match.start)),
  };
}

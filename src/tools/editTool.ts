import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { Pace } from "../base/turns/pace.ts";
import { defineTool, type Prepared, type ToolContext } from "../core/ports/tool.ts";
import { encodingNote, prepareEdits } from "./files/fileEdits.ts";
import { plannedFrom, plannedOrAsked } from "./files/untold.ts";
import { type FoundText, readWorkspaceText } from "./files/workspaceText.ts";
import { chooseMatches } from "./text/chooseMatches.ts";
import { manyMatchesReport, noMatchReport } from "./text/matchReport.ts";
import { lineNumbers } from "./text/lineTable.ts";
import { findText, replaceAt } from "./text/textMatch.ts";

/** Of the places that were changed. */
const MOST_TOLD = 20;

export const edit = defineTool({
  name: "edit",
  description: "Replace oldText, which must be in the file exactly once unless replaceAll.",
  input: z.object({
    path: z.string(),
    oldText: z.string(),
    newText: z.string(),
    replaceAll: z.boolean().optional(),
  }),
  effect: "write",
  needsWorkspace: true,

  async prepare({ path: asked, oldText, newText, replaceAll = false }, context) {
    if (oldText === "") throw new AppError("bad_request", "oldText is empty; use write to make a file");
    if (oldText === newText) throw new AppError("bad_request", "oldText and newText are the same");
    const found = await readWorkspaceText(context, asked);
    const { path } = found;
    if (found.text === null) throw new AppError("not_found", `${path.shown} does not exist`);
    const { text } = found;
    return await plannedOrAsked(
      () => plannedFrom(context, found, () => plan({ ...found, text }, { oldText, newText, replaceAll }, context)),
      async () => `change ${path.shown}`,
    );
  },
});

interface Wanted {
  oldText: string;
  newText: string;
  replaceAll: boolean;
}

async function plan(
  { path, text, encoding, stamp }: FoundText,
  { oldText, newText, replaceAll }: Wanted,
  context: ToolContext,
): Promise<Prepared> {
  const pace = new Pace(context.signal);
  const matches = await findText(text, oldText, newText, pace);
  if (matches.length === 0) throw new AppError("conflict", await noMatchReport(path.shown, text, oldText, pace));
  const chosen = chooseMatches(text, matches, replaceAll);
  if (!chosen) throw new AppError("conflict", manyMatchesReport(path.shown, text, matches));
  const lines = lineNumbers(
    text,
    chosen.slice(0, MOST_TOLD).map((match) => match.start),
  );
  const more = chosen.length > MOST_TOLD ? ` and ${chosen.length - MOST_TOLD} more` : "";
  const told = `Changed ${path.shown}${encodingNote({ encoding })} at line${lines.length === 1 ? "" : "s"} ${lines.join(", ")}${more}`;
  return prepareEdits([{ path, before: text, after: await replaceAt(text, chosen, pace), stamp }], context, told);
}

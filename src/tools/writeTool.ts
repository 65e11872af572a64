import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defineTool } from "../core/ports/tool.ts";
import { encodingNote, prepareEdits } from "./files/fileEdits.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";
import { withLineEnding } from "./text/lineEnding.ts";

export const write = defineTool({
  name: "write",
  description: "Create a file or replace all of it. To change a part, use edit.",
  input: z.object({ path: z.string(), content: z.string() }),
  effect: "write",
  needsWorkspace: true,

  async prepare({ path: asked, content }, context) {
    if (asked.endsWith("/"))
      throw new AppError("bad_request", `${asked} is a folder's name; a file's has no / at its end`);
    const { path, text: before, encoding, stamp, unsaved } = await readWorkspaceText(context, asked);
    if (unsaved)
      throw new AppError(
        "conflict",
        `${path.shown} has changes in the editor that are not saved, and all of it would be replaced. Use edit, which keeps them, or ask for them to be saved`,
      );
    const after = withLineEnding(content, before ?? "");
    const lines = after === "" ? 0 : after.split("\n").length - (after.endsWith("\n") ? 1 : 0);
    const told = `${before === null ? "Created" : "Replaced"} ${path.shown}${encodingNote({ encoding })} (${lines} lines)`;
    return prepareEdits([{ path, before, after, stamp }], context, told);
  },
});

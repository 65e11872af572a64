import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defineTool } from "../core/ports/tool.ts";
import { prepareEdits } from "./files/fileEdits.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";

const NOTES = ".pincer/memory.md";

export const memory = defineTool({
  name: "memory",
  description: "Notes about this workspace for later sessions: read, or append one.",
  input: z.object({ action: z.enum(["read", "append"]), text: z.string().optional() }),
  effect: "write",
  needsWorkspace: true,

  async prepare({ action, text }, context) {
    const { path, text: before, stamp } = await readWorkspaceText(context, NOTES);
    if (action === "read")
      return { touches: [], run: async () => ({ text: before?.trim() || "There are no notes yet" }) };
    if (!text?.trim()) throw new AppError("bad_request", "There is no text to append");
    const start = before === null || before === "" || before.endsWith("\n") ? (before ?? "") : `${before}\n`;
    const after = `${start}- ${text.trim().replaceAll("\n", "\n  ")}\n`;
    return prepareEdits([{ path, before, after, stamp }], context, `Noted in ${path.shown}`);
  },
});

import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { defineTool, type ToolContext } from "../core/ports/tool.ts";
import { editAsk } from "./files/editAsk.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";

const NOTES = ".pincer/memory.md";

export const memory = defineTool({
  name: "memory",
  description: "Notes about this workspace that outlive the session: read them, or append one.",
  input: z.object({ action: z.enum(["read", "append"]), text: z.string().optional() }),
  effect: "write",
  needsWorkspace: true,

  async approval({ action, text }, context) {
    return action === "read" ? undefined : editAsk([await appended(text, context)]);
  },

  async run({ action, text }, context) {
    if (action === "read") {
      const notes = (await readWorkspaceText(context, NOTES)).text;
      return { text: notes?.trim() || "There are no notes yet" };
    }
    const { path, before, after } = await appended(text, context);
    await context.files.writeText(path.real, after, before);
    return { text: `Noted in ${path.shown}` };
  },
});

async function appended(text: string | undefined, context: ToolContext) {
  if (!text?.trim()) throw new AppError("bad_request", "There is no text to append");
  const { path, text: before } = await readWorkspaceText(context, NOTES);
  const start = before === null || before === "" || before.endsWith("\n") ? (before ?? "") : `${before}\n`;
  return { path, before, after: `${start}- ${text.trim().replaceAll("\n", "\n  ")}\n` };
}

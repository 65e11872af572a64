import * as z from "zod";
import { defineTool, type ToolContext } from "../core/ports/tool.ts";
import { editAsk } from "./files/editAsk.ts";
import { readWorkspaceText } from "./files/workspaceText.ts";
import type { WorkspacePath } from "./files/workspacePath.ts";
import { withLineEnding } from "./text/lineEnding.ts";

interface Input {
  path: string;
  content: string;
}

export const write = defineTool({
  name: "write",
  description: "Create a file or replace all of it. To change a part, use edit.",
  input: z.object({ path: z.string(), content: z.string() }),
  effect: "write",
  needsWorkspace: true,

  async approval(input, context) {
    const { path, before, after } = await planned(input, context);
    return editAsk([{ path, before, after }]);
  },

  async run(input, context) {
    const { path, before, after } = await planned(input, context);
    await context.files.writeText(path.real, after, before);
    const lines = after === "" ? 0 : after.split("\n").length - (after.endsWith("\n") ? 1 : 0);
    return { text: `${before === null ? "Created" : "Replaced"} ${path.shown} (${lines} lines)` };
  },
});

async function planned(
  input: Input,
  context: ToolContext,
): Promise<{ path: WorkspacePath; before: string | null; after: string }> {
  const { path, text: before } = await readWorkspaceText(context, input.path);
  return { path, before, after: withLineEnding(input.content, before ?? "") };
}

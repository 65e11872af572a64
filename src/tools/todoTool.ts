import * as z from "zod";
import { defineTool } from "../core/ports/tool.ts";

const MARKS = { pending: "[ ]", in_progress: "[>]", done: "[x]" } as const;

export const todo = defineTool({
  name: "todo",
  description: "Steps of longer work; send all each time.",
  input: z.object({
    items: z.array(z.object({ text: z.string(), status: z.enum(["pending", "in_progress", "done"]) })).max(100),
  }),
  effect: "read",

  // The list lives in the conversation: the newest call is the list.
  async run({ items }) {
    if (items.length === 0) return { text: "The list is empty" };
    return {
      text: items
        .map((item) => `${MARKS[item.status]} ${item.text.trim().replace(/\s*[\n\r\u2028]\s*/g, " ")}`)
        .join("\n"),
    };
  },
});

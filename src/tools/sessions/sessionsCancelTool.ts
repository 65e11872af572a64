import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";

export const sessionsCancel = defineTool({
  name: "sessions_cancel",
  description: "Stop your sub-agent, with those below it unless tree is false.",
  input: z.object({ sessionKey: z.string(), tree: z.boolean().optional() }),
  effect: "write",

  // It ends what this run has begun.
  async approval() {
    return undefined;
  },

  touches: ({ sessionKey }, { runId }) => [`session:${runId}:${sessionKey}`],

  async run({ sessionKey, tree = true }, { agent }) {
    return { text: JSON.stringify({ status: "ok", cancelled: await agent.cancel({ sessionKey, tree }) }) };
  },
});

import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";
import { shownMessage } from "../text/sessionText.ts";

export const sessionsHistory = defineTool({
  name: "sessions_history",
  description: "Read a session's newest messages.",
  input: z.object({
    sessionKey: z.string(),
    limit: z.int().min(1).max(200).optional(),
    includeTools: z.boolean().optional(),
  }),
  effect: "read",

  async run({ sessionKey, limit = 20, includeTools = false }, { agent }) {
    const messages = await agent.history(sessionKey, limit);
    const shown = messages.filter((message) => includeTools || message.role !== "tool").map(shownMessage);
    return { text: JSON.stringify({ sessionKey, messages: shown }) };
  },
});

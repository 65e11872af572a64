import { defined } from "../../base/defined.ts";
import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";
import { shownMessage, shownSession } from "../text/sessionText.ts";

export const sessionsList = defineTool({
  name: "sessions_list",
  description: "List sessions, newest first.",
  input: z.object({
    kinds: z.array(z.enum(["main", "isolated", "channel"])).optional(),
    search: z.string().optional(),
    limit: z.int().min(1).max(200).optional(),
    messageLimit: z.int().min(0).max(20).optional(),
  }),
  effect: "read",

  async run({ kinds, search, limit = 20, messageLimit = 0 }, { agent }) {
    // No kinds is all of them, as over the API.
    const wanted = defined({ kinds: kinds?.length ? kinds : undefined, search: search || undefined });
    const sessions = await agent.listSessions({ limit, ...wanted });
    const rows = await Promise.all(
      sessions.map(async (session) => {
        const messages = messageLimit > 0 ? await agent.history(session.key, messageLimit) : undefined;
        return { ...shownSession(session), ...defined({ messages: messages?.map(shownMessage) }) };
      }),
    );
    return { text: JSON.stringify({ count: rows.length, sessions: rows }) };
  },
});

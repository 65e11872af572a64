import * as z from "zod";
import { defineRoute } from "../route.ts";
import { messageShape, toMessage } from "../shapes/message.ts";
import { sessionKeyOrMain } from "../shapes/session.ts";

export const sessionsHistory = defineRoute({
  name: "sessions.history",
  verb: "GET",
  scope: "read",
  summary: "The newest messages of a session, oldest first.",
  input: z.strictObject({
    sessionKey: sessionKeyOrMain,
    limit: z.int().min(1).max(1000).default(50),
    includeTools: z.boolean().default(false).describe("Also tool calls, their results and system events."),
    before: z.int().min(0).optional().describe("Only messages with a lower seq: the page before."),
  }),
  output: z.strictObject({
    sessionKey: z.string(),
    messages: z.array(messageShape),
    hasMore: z.boolean(),
    lastEventId: z.int().min(0).describe("Subscribing after this id tells all that is not in `messages`."),
  }),
  async handle(core, { sessionKey, limit, includeTools, before }) {
    const history = await core.sessions.history(sessionKey, {
      limit,
      includeTools,
      ...(before === undefined ? {} : { before }),
    });
    return {
      sessionKey,
      messages: history.messages.map((message) => toMessage(message, includeTools)),
      hasMore: history.hasMore,
      lastEventId: history.lastEventId,
    };
  },
});

import * as z from "zod";
import type { Core } from "../../core/core.ts";
import type { Session } from "../../protocol/session.ts";
import { defineRoute } from "../route.ts";
import { messageShape, toMessage } from "../shapes/message.ts";
import { sessionKindShape, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsList = defineRoute({
  name: "sessions.list",
  verb: "GET",
  scope: "read",
  summary: "Lists sessions, newest first.",
  input: z.strictObject({
    kinds: z.array(sessionKindShape).optional(),
    limit: z.int().min(1).max(500).default(50),
    messageLimit: z.int().min(0).max(50).default(0).describe("Newest messages told with each session."),
    cursor: z.string().min(1).max(500).optional().describe("`nextCursor` of the page before."),
    search: z.string().max(200).optional().describe("Matches title, key and message text."),
  }),
  output: z.strictObject({
    count: z.int(),
    sessions: z.array(sessionShape.extend({ messages: z.array(messageShape).optional() })),
    nextCursor: z.string().optional(),
  }),
  async handle(core, { kinds, messageLimit, search, ...input }) {
    const page = await core.sessions.list({
      ...input,
      ...(kinds?.length ? { kinds } : {}),
      ...(search ? { search } : {}),
    });
    const sessions = await Promise.all(page.sessions.map((session) => withMessages(core, session, messageLimit)));
    return {
      count: sessions.length,
      sessions,
      ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }),
    };
  },
});

async function withMessages(core: Core, session: Session, limit: number) {
  if (limit === 0) return toSession(session);
  const { messages } = await core.sessions.history(session.key, { limit, includeTools: false });
  return { ...toSession(session), messages: messages.map((message) => toMessage(message, false)) };
}

import * as z from "zod";
import { defineRoute } from "../route.ts";
import { sessionKey, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsCompact = defineRoute({
  name: "sessions.compact",
  verb: "POST",
  scope: "write",
  summary: "Replaces the older history by a summary in what the model sees; the messages stay.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({
    sessionKey: z.string(),
    compacted: z.boolean(),
    usedTokensBefore: z.number(),
    usedTokensAfter: z.number(),
    session: sessionShape,
  }),
  async handle(core, { sessionKey }) {
    const { session, compacted, usedTokensBefore, usedTokensAfter } = await core.sessions.compact(sessionKey);
    return { sessionKey, compacted, usedTokensBefore, usedTokensAfter, session: toSession(session) };
  },
});

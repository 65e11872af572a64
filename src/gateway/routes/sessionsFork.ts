import * as z from "zod";
import { defineRoute } from "../route.ts";
import { sessionKey, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsFork = defineRoute({
  name: "sessions.fork",
  verb: "POST",
  scope: "write",
  summary: "Makes a new session with a copy of the messages; the answer's `sessionKey` is the new one's.",
  input: z.strictObject({
    sessionKey,
    title: z.string().regex(/\S/, "Expected a title").max(200).optional(),
    uptoSeq: z.int().min(0).optional().describe("The last message to copy; all by default."),
  }),
  output: z.strictObject({ sessionKey: z.string(), forkedFrom: z.string(), session: sessionShape }),
  async handle(core, { sessionKey, ...options }) {
    const session = await core.sessions.fork(sessionKey, options);
    return { sessionKey: session.key, forkedFrom: sessionKey, session: toSession(session) };
  },
});

import * as z from "zod";
import { defineRoute } from "../route.ts";
import { sessionKey, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsReset = defineRoute({
  name: "sessions.reset",
  verb: "POST",
  scope: "write",
  summary: "Cancels a session's runs and removes its history; the session stays.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey }) {
    const session = await core.sessions.reset(sessionKey);
    return { sessionKey, session: toSession(session) };
  },
});

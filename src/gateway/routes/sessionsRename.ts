import * as z from "zod";
import { defineRoute } from "../route.ts";
import { sessionKey, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsRename = defineRoute({
  name: "sessions.rename",
  verb: "POST",
  scope: "write",
  summary: "Gives a session a title; null takes it away.",
  input: z.strictObject({ sessionKey, title: z.string().regex(/\S/, "Expected a title").max(200).nullable() }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey, title }) {
    const session = await core.sessions.update(sessionKey, { title });
    return { sessionKey, session: toSession(session) };
  },
});

import * as z from "zod";
import { defineRoute } from "../route.ts";
import { modelId } from "../shapes/model.ts";
import { sessionKey, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsUpdate = defineRoute({
  name: "sessions.update",
  verb: "POST",
  scope: "write",
  summary: "Changes a session's title and model; null takes one away.",
  input: z.strictObject({
    sessionKey,
    title: z.string().regex(/\S/, "Expected a title").max(200).nullable().optional(),
    model: modelId.nullable().optional(),
  }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey, ...patch }) {
    const session = await core.sessions.update(sessionKey, patch);
    return { sessionKey, session: toSession(session) };
  },
});

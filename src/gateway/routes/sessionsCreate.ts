import * as z from "zod";
import { defineRoute } from "../route.ts";
import { modelId } from "../shapes/model.ts";
import { sessionKey, sessionShape, toSession } from "../shapes/session.ts";

export const sessionsCreate = defineRoute({
  name: "sessions.create",
  verb: "POST",
  scope: "write",
  summary: "Makes an empty isolated session.",
  input: z.strictObject({
    title: z.string().regex(/\S/, "Expected a title").max(200).optional(),
    model: modelId.optional(),
    workspace: z.string().min(1).max(4096).optional().describe("Folder that tools work in."),
    parentSessionKey: sessionKey.optional(),
  }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { parentSessionKey, ...input }) {
    const session = await core.sessions.create({ ...input, parentKey: parentSessionKey });
    return { sessionKey: session.key, session: toSession(session) };
  },
});

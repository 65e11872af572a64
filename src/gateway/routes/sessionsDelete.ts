import * as z from "zod";
import { defineRoute } from "../route.ts";
import { sessionKey } from "../shapes/session.ts";

export const sessionsDelete = defineRoute({
  name: "sessions.delete",
  verb: "POST",
  scope: "write",
  summary: "Cancels a session's runs and removes it with its children. main is reset instead.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({ sessionKey: z.string(), deleted: z.boolean().describe("False for main, which was reset.") }),
  async handle(core, { sessionKey }) {
    const { kind } = await core.sessions.get(sessionKey);
    await core.sessions.delete(sessionKey);
    return { sessionKey, deleted: kind !== "main" };
  },
});

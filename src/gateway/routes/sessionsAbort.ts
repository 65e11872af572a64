import * as z from "zod";
import { defineRoute } from "../route.ts";
import { sessionKey } from "../shapes/session.ts";

export const sessionsAbort = defineRoute({
  name: "sessions.abort",
  verb: "POST",
  scope: "write",
  summary: "Cancels a session's active and queued runs.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({ sessionKey: z.string(), aborted: z.int().describe("How many runs.") }),
  async handle(core, { sessionKey }) {
    return { sessionKey, aborted: await core.sessions.abort(sessionKey) };
  },
});

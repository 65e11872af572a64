import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";
import { shownReply } from "../text/sessionText.ts";

export const sessionsSend = defineTool({
  name: "sessions_send",
  description: "Send to another session; wait for its reply unless timeoutSeconds is 0.",
  input: z.object({
    sessionKey: z.string(),
    message: z.string().min(1),
    timeoutSeconds: z.number().min(0).max(3600).optional(),
  }),
  effect: "write",

  // What the other session's run does asks for itself.
  async approval() {
    return undefined;
  },

  // Messages of one run to one session arrive in the order in which they were written.
  touches: ({ sessionKey }, { runId }) => [`session:${runId}:${sessionKey}`],

  async run({ sessionKey, message, timeoutSeconds = 120 }, { agent }) {
    const wait = timeoutSeconds > 0;
    const timeoutMs = Math.round((wait ? timeoutSeconds : 3600) * 1000);
    return shownReply(await agent.send({ sessionKey, text: message, wait, timeoutMs }), "sessionKey");
  },
});

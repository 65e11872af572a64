import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";

export const sessionsSteer = defineTool({
  name: "sessions_steer",
  description: "Tell your running sub-agent, at its next step.",
  input: z.object({ sessionKey: z.string(), message: z.string().min(1) }),
  effect: "write",

  // What the sub-agent does asks for itself.
  async approval() {
    return undefined;
  },

  touches: ({ sessionKey }, { runId }) => [`session:${runId}:${sessionKey}`],

  async run({ sessionKey, message }, { agent }) {
    const { runId } = await agent.steer({ sessionKey, text: message });
    return { text: JSON.stringify({ status: "accepted", runId, sessionKey }) };
  },
});

import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";
import { shownSession } from "../text/sessionText.ts";

export const sessionStatus = defineTool({
  name: "session_status",
  description: "State, model, usage of a session (default: this one), and the time.",
  input: z.object({ sessionKey: z.string().optional() }),
  effect: "read",

  async run({ sessionKey }, { agent, session }) {
    const found = await agent.session(sessionKey ?? session.key);
    const now = new Date();
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const { usage, contextTokens, createdAt } = found;
    return {
      text: JSON.stringify({ ...shownSession(found), createdAt, usage, contextTokens, now: now.toISOString(), zone }),
    };
  },
});

import * as z from "zod";
import { defineTool } from "../../core/ports/tool.ts";

const NOTE = "Results come as messages, each once: what has ended and is not above follows now.";

export const sessionsWait = defineTool({
  name: "sessions_wait",
  description: "Wait for your sub-agents: these, or all; any: for the first.",
  input: z.object({
    sessionKeys: z.array(z.string()).max(100).optional(),
    any: z.boolean().optional(),
    timeoutSeconds: z.number().min(0).max(3600).optional(),
  }),
  effect: "read",

  async run({ sessionKeys, any = false, timeoutSeconds = 300 }, { agent }) {
    const timeoutMs = Math.round(timeoutSeconds * 1000);
    const given = sessionKeys?.length ? { sessionKeys: [...new Set(sessionKeys)] } : {};
    const { ended, atWork, isOver, interrupted } = await agent.wait({ any, timeoutMs, ...given });
    const status = interrupted ? "message" : isOver ? "ok" : "timed_out";
    return { text: JSON.stringify({ status, ended, atWork, note: NOTE }) };
  },
});

import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";

/** A tool that gives a task to a sub-agent, with the grants it is told, and waits for it. */
export const spawner = defineTool({
  name: "spawner",
  description: "Spawns.",
  input: z.object({ grants: z.array(z.any()).optional() }),
  effect: "read",
  run: async ({ grants }, { agent }) => {
    const { sessionKey } = await agent.spawn({ text: "do", timeoutMs: 10_000, ...(grants ? { grants } : {}) });
    await agent.wait({ any: false, timeoutMs: 10_000 });
    return { text: sessionKey };
  },
});

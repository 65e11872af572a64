import * as z from "zod";
import { defineTool } from "../core/ports/tool.ts";
import { shownReply } from "./text/sessionText.ts";

export const sessionsSpawn = defineTool({
  name: "sessions_spawn",
  description:
    "Give a task to a sub-agent in a session of its own and wait for its result. Several calls at once run side by side.",
  input: z.object({
    task: z.string().min(1),
    label: z.string().max(200).optional(),
    model: z.string().optional(),
    runTimeoutSeconds: z.number().min(0).max(86_400).optional(),
    wait: z.boolean().optional(),
  }),
  effect: "write",

  // What the sub-agent does asks for itself.
  async approval() {
    return undefined;
  },

  async run({ task, label, model, runTimeoutSeconds, wait = true }, { agent }) {
    const timeoutMs = Math.round((runTimeoutSeconds || 300) * 1000);
    const request = { text: task, wait, timeoutMs, ...(label ? { label } : {}), ...(model ? { model } : {}) };
    return shownReply(await agent.spawn(request), "childSessionKey");
  },
});

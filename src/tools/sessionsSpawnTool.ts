import * as z from "zod";
import { defineTool } from "../core/ports/tool.ts";
import { defined } from "../base/defined.ts";
import { parseInput } from "../base/input/parseInput.ts";
import { ruleSchema } from "../rules/ruleSchema.ts";
import { shownReply } from "./text/sessionText.ts";

const rulesSchema = z.array(ruleSchema).max(100);

export const sessionsSpawn = defineTool({
  name: "sessions_spawn",
  description: "Give a task to a sub-agent in its own session and wait for its result. Calls run in parallel.",
  input: z.object({
    task: z.string().min(1),
    label: z.string().optional(),
    model: z.string().optional(),
    runTimeoutSeconds: z.number().min(0).max(86_400).optional(),
    wait: z.boolean().optional(),
    // Its whole schema would cost each request more than all else here.
    grants: z.array(z.unknown()).optional(),
  }),
  effect: "write",

  // What the sub-agent does asks for itself.
  async approval() {
    return undefined;
  },

  async run({ task, label, model, runTimeoutSeconds, grants, wait = true }, { agent }) {
    const timeoutMs = Math.round((runTimeoutSeconds || 300) * 1000);
    const given = {
      ...defined({
        label: label || undefined,
        model: model || undefined,
        grants: grants && parseInput(rulesSchema, grants),
      }),
    };
    return shownReply(await agent.spawn({ text: task, wait, timeoutMs, ...given }), "childSessionKey");
  },
});

import * as z from "zod";
import { defined } from "../../base/defined.ts";
import { defineTool } from "../../core/ports/tool.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";

const rulesSchema = z.array(ruleSchema).max(100);

export const sessionsSpawn = defineTool({
  name: "sessions_spawn",
  description:
    "Give a task to a sub-agent. Its result comes as a message, even after you end. detached: survives your stop.",
  input: z.object({
    task: z.string().min(1),
    label: z.string().optional(),
    model: z.string().optional(),
    runTimeoutSeconds: z.number().min(0).max(86_400).optional(),
    detached: z.boolean().optional(),
    // Its whole schema would cost each request more than all else here.
    grants: z.array(z.unknown()).optional(),
  }),
  effect: "write",

  // What the sub-agent does asks for itself.
  async approval() {
    return undefined;
  },

  async run({ task, label, model, runTimeoutSeconds, grants, detached }, { agent }) {
    const timeoutMs = Math.round((runTimeoutSeconds || 300) * 1000);
    const given = {
      ...defined({
        label: label || undefined,
        model: model || undefined,
        grants: grants && parseInput(rulesSchema, grants),
        detached,
      }),
    };
    const { runId, sessionKey, room } = await agent.spawn({ text: task, timeoutMs, ...given });
    // What is left of each ceiling, so that no more is tried than may be.
    return { text: JSON.stringify({ status: "accepted", runId, childSessionKey: sessionKey, left: room }) };
  },
});

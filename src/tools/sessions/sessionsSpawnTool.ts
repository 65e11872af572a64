import * as z from "zod";
import { defined } from "../../base/defined.ts";
import { type ApprovalAsk, defineTool } from "../../core/ports/tool.ts";
import type { AgentPart } from "../../protocol/context/agentPart.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { readSchema } from "../../schema/readSchema.ts";
import { toForm } from "../../protocol/replyForm.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";

const rulesSchema = z.array(ruleSchema).max(100);

export const sessionsSpawn = defineTool({
  name: "sessions_spawn",
  description:
    "Give a task to a sub-agent. Its result comes as a message, also once you ended. detached: outlives your stop.",
  input: z.object({
    task: z.string().min(1),
    label: z.string().optional(),
    model: z.string().optional(),
    runTimeoutSeconds: z.number().min(0).max(86_400).optional(),
    agent: z.string().optional(),
    worktree: z.boolean().optional(),
    detached: z.boolean().optional(),
    // Its whole schema would cost each request more than all else here.
    grants: z.array(z.unknown()).optional(),
    outputSchema: z.record(z.string(), z.unknown()).optional(),
  }),
  effect: "write",

  async prepare(input, { agent }) {
    const { task, label, model, runTimeoutSeconds, grants, agent: name, worktree, detached, outputSchema } = input;
    if (outputSchema) readSchema(outputSchema);
    const timeoutMs = Math.round((runTimeoutSeconds || 300) * 1000);
    const given = defined({
      label: label || undefined,
      model: model || undefined,
      grants: grants && parseInput(rulesSchema, grants),
      worktree,
      detached,
      form: toForm(outputSchema),
    });
    const part = name ? await agent.part(name) : undefined;
    return {
      // What the sub-agent does asks for itself; who it is, a workspace does not say alone.
      ask: part && !part.confirmed ? askFor(part) : undefined,
      touches: [],
      // A worktree is made in the repository.
      looks: !worktree,
      async run(consent) {
        const isAllowed = part && !part.confirmed && consent === "person";
        if (isAllowed) await agent.confirmPart(part);
        const as = part ? { part: isAllowed ? { ...part, confirmed: true } : part } : {};
        const {
          runId,
          sessionKey,
          room,
          worktree: made,
        } = await agent.spawn({ text: task, timeoutMs, ...given, ...as });
        // What is left of each ceiling, so that no more is tried than may be.
        const told = { status: "accepted", runId, childSessionKey: sessionKey, left: room };
        const where = made && { branch: made.branch, path: made.path, notes: made.notes };
        return { text: JSON.stringify({ ...told, ...defined({ worktree: where }) }) };
      },
    };
  },
});

function askFor({ name, path, hash, instructions, tools, model, effort, budgetUsd }: AgentPart): ApprovalAsk {
  const head = Object.entries(defined({ tools: tools?.join(", "), model, effort, budgetUsd }))
    .map(([key, value]) => `${key}: ${value}`)
    .join("\n");
  return {
    summary: `let sub-agents be ${name}, as ${path} says`,
    subject: { type: "other", text: [head, instructions].filter(Boolean).join("\n\n") },
    reason: "the workspace describes an agent that you have not confirmed with this content",
    safe: false,
    protected: true,
    once: true,
    effects: [{ kind: "run", place: path, before: hash }],
  };
}

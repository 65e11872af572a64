import * as z from "zod";
import { defineRoute } from "../route.ts";
import { approvalShape, decisionShape } from "../shapes/approval.ts";

export const approvalsAnswer = defineRoute({
  name: "approvals.answer",
  verb: "POST",
  // Lets commands run, so it takes more than sending messages does.
  scope: "admin",
  summary:
    "Lets a waiting tool call run, or not. `allow_session` also lets later calls of the same kind in this session run.",
  input: z.strictObject({ id: z.string().min(1).max(200), decision: decisionShape }),
  output: z.strictObject({ id: z.string(), decision: decisionShape, approval: approvalShape }),
  async handle(core, { id, decision }, { origin }) {
    const by = origin.id === undefined ? origin.via : `${origin.via}:${origin.id}`;
    return { id, decision, approval: await core.approvals.answer(id, decision, by) };
  },
});

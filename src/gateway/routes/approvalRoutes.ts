import * as z from "zod";
import { defineRoute } from "../calls/route.ts";
import { approvalShape, decisionShape } from "../../protocol/approval.ts";
import { ruleShape } from "../../protocol/rule.ts";
import { sessionKey } from "../../protocol/session.ts";

export const approvalsList = defineRoute({
  name: "approvals.list",
  verb: "GET",
  scope: "read",
  summary: "Tool calls that wait for the user's word.",
  input: z.strictObject({ sessionKey: sessionKey.optional() }),
  output: z.strictObject({ count: z.int(), approvals: z.array(approvalShape) }),
  async handle(core, { sessionKey }) {
    const approvals = await core.approvals.list(sessionKey);
    return { count: approvals.length, approvals };
  },
});

export const approvalsAnswer = defineRoute({
  name: "approvals.answer",
  verb: "POST",
  // Lets commands run, so it takes more than sending messages does.
  scope: "admin",
  summary:
    "Lets a waiting tool call run, or not. The answer is one of the approval's offers; `rule` picks between several of a decision.",
  input: z.strictObject({ id: z.string().min(1).max(200), decision: decisionShape, rule: ruleShape.optional() }),
  output: z.strictObject({ id: z.string(), decision: decisionShape, approval: approvalShape }),
  async handle(core, { id, decision, rule }, { origin }) {
    const by = origin.id === undefined ? origin.via : `${origin.via}:${origin.id}`;
    return { id, decision, approval: await core.approvals.answer(id, decision, by, rule) };
  },
});

import * as z from "zod";
import { defineRoute } from "../route.ts";
import { approvalShape } from "../shapes/approval.ts";
import { sessionKey } from "../shapes/session.ts";

export const approvalsList = defineRoute({
  name: "approvals.list",
  verb: "GET",
  scope: "read",
  summary: "Tool calls that wait for the user's word.",
  input: z.strictObject({ sessionKey: sessionKey.optional() }),
  output: z.strictObject({ count: z.int(), approvals: z.array(approvalShape) }),
  async handle(core, { sessionKey }) {
    const approvals = core.approvals.list(sessionKey);
    return { count: approvals.length, approvals };
  },
});

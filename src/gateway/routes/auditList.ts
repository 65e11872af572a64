import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defineRoute } from "../route.ts";
import { auditRecordShape, toAuditRecord } from "../shapes/audit.ts";

export const auditList = defineRoute({
  name: "audit.list",
  verb: "GET",
  scope: "admin",
  summary: "What was done and by whom, newest first: calls, tool runs and answers to approvals.",
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(50),
    before: z.int().min(1).optional().describe("Only records with a lower seq: the page before."),
    kind: z.enum(["call", "approval", "tool", "gateway"]).optional(),
  }),
  output: z.strictObject({ count: z.int(), records: z.array(auditRecordShape), hasMore: z.boolean() }),
  async handle(_core, { limit, before, kind }, { gateway }) {
    if (!gateway.audit) throw new AppError("unavailable", "This gateway keeps no audit log");
    const { records, hasMore } = await gateway.audit.list({
      limit,
      ...(before === undefined ? {} : { before }),
      ...(kind === undefined ? {} : { kind }),
    });
    return { count: records.length, records: records.map(toAuditRecord), hasMore };
  },
});

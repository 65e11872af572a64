import * as z from "zod";
import type { AuditRecord } from "../audit.ts";
import { originShape } from "./originShape.ts";

export const auditRecordShape = z.strictObject({
  seq: z.int(),
  at: z.string(),
  kind: z.enum(["call", "approval", "tool", "gateway"]),
  who: originShape.nullable(),
  what: z.string().describe("The route, the tool, or the tool that was asked for."),
  outcome: z.string().describe('"ok", "failed", a decision, or the code of an error.'),
  status: z.int().optional().describe("HTTP status of a call."),
  durationMs: z.number().optional(),
  sessionKey: z.string().optional(),
  runId: z.string().optional(),
  requestId: z.string().optional(),
  content: z.unknown().optional().describe("Only with `audit.content: true`."),
  prev: z.string().describe("Hash of the record before."),
  hash: z.string(),
});

export function toAuditRecord(record: AuditRecord): z.output<typeof auditRecordShape> {
  return record;
}

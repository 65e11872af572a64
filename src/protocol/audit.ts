import * as z from "zod";
import { originShape } from "./message.ts";

export const auditKindShape = z.enum(["call", "approval", "tool", "hook", "gateway"]);

const entryFields = {
  kind: auditKindShape.describe("gateway: what the audit log says of itself."),
  who: originShape.nullable().describe("Null where nobody in particular did it."),
  what: z.string().describe("The route, the tool, the tool that was asked for, or the hook."),
  outcome: z.string().describe('"ok", "failed", a decision, or the code of an error.'),
  allowedBy: z.string().optional().describe("The rule, mode or person that let a tool run, where it had to be asked."),
  status: z.int().optional().describe("HTTP status of a call."),
  durationMs: z.number().optional(),
  sessionKey: z.string().optional(),
  runId: z.string().optional(),
  requestId: z.string().optional().describe("The one that a call's answer carries."),
  content: z
    .unknown()
    .optional()
    .describe("What went in and came out, secrets removed; only with `audit.content: true`."),
};

/** As it stands in the log: numbered, dated, and chained to the line before by its hash. */
export const auditRecordShape = z.strictObject({
  seq: z.int(),
  at: z.string(),
  ...entryFields,
  prev: z.string().describe("Hash of the record before."),
  hash: z.string(),
});

export type AuditRecord = z.output<typeof auditRecordShape>;

/** One thing that was done, for the audit log. Without `content` it holds nothing that was written or read. */
export type AuditEntry = Omit<AuditRecord, "seq" | "at" | "prev" | "hash">;

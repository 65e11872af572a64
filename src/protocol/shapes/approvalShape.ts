import * as z from "zod";
import type { Approval } from "../approval.ts";

export const approvalShape = z.strictObject({
  id: z.string(),
  sessionKey: z.string(),
  runId: z.string(),
  callId: z.string(),
  tool: z.string(),
  summary: z.string(),
  subject: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("command"), command: z.string(), cwd: z.string() }),
    z.strictObject({ type: z.literal("edit"), path: z.string(), before: z.string(), after: z.string() }),
    z.strictObject({ type: z.literal("other"), text: z.string() }),
  ]),
  reason: z.string(),
  hash: z.string().describe("Digest of exactly the call that is asked about."),
  createdAt: z.string(),
  expiresAt: z.string().describe("Unanswered until then, it counts as denied."),
}) satisfies z.ZodType<Approval>;

export const decisionShape = z.enum(["allow", "allow_session", "deny"]);

import * as z from "zod";

/** What an approval shows: the exact command, or the exact change. */
const subjectShape = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("command"), command: z.string(), cwd: z.string() }),
  z.strictObject({ type: z.literal("edit"), path: z.string(), before: z.string(), after: z.string() }),
  z.strictObject({ type: z.literal("other"), text: z.string() }),
]);

export type ApprovalSubject = z.output<typeof subjectShape>;

/** A tool call that waits for the user's word. Answered by `approvals.answer`; unanswered it counts as denied. */
export const approvalShape = z.strictObject({
  id: z.string(),
  sessionKey: z.string(),
  runId: z.string(),
  callId: z.string(),
  tool: z.string(),
  summary: z.string().describe("One line, control characters made visible."),
  subject: subjectShape,
  reason: z.string().describe('Why it is asked: "writes a file", "runs a command", "protected path".'),
  hash: z.string().describe("Digest of exactly the call that is asked about: tool, input and folder."),
  createdAt: z.string(),
  expiresAt: z.string().describe("Unanswered until then, it counts as denied."),
});

export type Approval = z.output<typeof approvalShape>;

/** allow_session also lets later calls of the same scope in this session run. */
export const decisionShape = z.enum(["allow", "allow_session", "deny"]);

export type ApprovalDecision = z.output<typeof decisionShape>;

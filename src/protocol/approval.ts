import * as z from "zod";
import { ruleShape } from "./rule.ts";

/** What an approval shows: the exact command, or the exact change. */
const subjectShape = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("command"), command: z.string(), cwd: z.string() }),
  z.strictObject({ type: z.literal("edit"), path: z.string(), before: z.string(), after: z.string() }),
  z.strictObject({ type: z.literal("other"), text: z.string() }),
]);

export type ApprovalSubject = z.output<typeof subjectShape>;

/**
 * What an answer covers. allow: this one call. allow_session: what its rule covers too, for whoever wrote the message, in
 * this session. allow_job: in every run of the job. allow_always: everywhere, as a rule in the user's openclaw.yml.
 */
export const decisionShape = z.enum(["allow", "allow_session", "allow_job", "allow_always", "deny"]);

export type ApprovalDecision = z.output<typeof decisionShape>;

/** One answer that may be given, and all that it would let happen. */
const offerShape = z.strictObject({
  decision: decisionShape,
  rule: ruleShape.optional().describe("The rule that the answer adds; absent where it is about this call alone."),
  words: z.string().describe('What it covers, for people: "change files under src/, delete nothing".'),
});

export type Offer = z.output<typeof offerShape>;

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
  offers: z.array(offerShape).describe("The answers there are; no other is taken."),
  grants: z
    .array(ruleShape)
    .optional()
    .describe("In a rehearsal: the narrowest rules under which the job may do exactly this with nobody there."),
  grantFiles: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "In a rehearsal: digests of the files that those rules' commands may run, as they were when it was asked.",
    ),
  ungranted: z.string().optional().describe("In a rehearsal: why no rule can say it."),
  raises: z
    .strictObject({
      record: z.string().describe("The budget, in its period."),
      usd: z.number().optional(),
      tokens: z.number().optional(),
    })
    .optional()
    .describe("Where a run asks to go beyond a budget: by how much `allow` raises it, in this period only."),
  createdAt: z.string(),
  expiresAt: z.string().describe("Unanswered until then, it counts as denied."),
});

export type Approval = z.output<typeof approvalShape>;

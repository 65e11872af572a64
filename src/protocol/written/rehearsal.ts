import * as z from "zod";
import { decisionShape } from "../approval.ts";
import { deliveryShape, deliveryStatusShape, toldDeliveryShape } from "../job.ts";
import { outcomeShape, runStateShape } from "../run.ts";
import { ruleShape } from "../rule.ts";

/** One thing that a rehearsal asked about, and what would let the job do it with nobody there. */
const askedShape = z.strictObject({
  number: z.int().describe("By which it is granted."),
  tool: z.string(),
  exact: z.string().describe("The command, path or host, whole."),
  cwd: z.string().optional().describe("Of a command: where."),
  reason: z.string(),
  times: z.int().describe("How often it was asked."),
  decision: decisionShape.nullable().describe("The newest answer; null where there is none."),
  by: z.string().nullable().describe("Who gave it."),
  grants: z.array(ruleShape).describe("What would be granted: nothing more than was asked."),
  words: z.string().describe("What that covers, for people; or why nothing can be granted."),
  granted: z.boolean().describe("Whether the job has it now."),
});

export type RehearsalAsked = z.output<typeof askedShape>;

/** What a rehearsal was, on one page. */
export const rehearsalShape = z.strictObject({
  jobId: z.string(),
  name: z.string().nullable().describe("null when the job is no more."),
  runId: z.string(),
  sessionKey: z.string(),
  state: runStateShape,
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  outcome: outcomeShape.nullable(),
  notes: z.array(z.string()).describe("What has to be known of it: a restart in the middle, a job that was changed."),
  asked: z.array(askedShape),
  mayDo: z.string().nullable().describe("What the job may do unasked now, in words."),
  condition: z
    .strictObject({ command: z.string(), unmet: z.string().nullable().describe("Why it would not have fired.") })
    .optional()
    .describe("Of a job with a condition: it was tried before, with nobody asked."),
  delivery: z
    .strictObject({
      mode: deliveryShape.shape.mode,
      url: z.string().optional(),
      channel: deliveryShape.shape.channel,
      to: z.string().optional().describe("The chat, where one is said or is known; else the first who may talk there."),
      text: z.string().describe("What a firing would have sent."),
      status: z.union([z.literal("not sent"), deliveryStatusShape]),
      error: z.string().optional(),
      ...toldDeliveryShape.pick({ why: true, retryAt: true, givenUpAt: true }).shape,
    })
    .optional()
    .describe("Where the job delivers to."),
  yaml: z
    .string()
    .optional()
    .describe("Of a job in openclaw.yml: the lines that grant what was allowed, to be written there."),
  file: z.string().optional().describe("Which declares the job: only there it is granted something."),
});

export type RehearsalReport = z.output<typeof rehearsalShape>;

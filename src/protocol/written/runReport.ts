import * as z from "zod";
import { changedFileShape } from "../checkpoint.ts";
import { errorShape } from "../error.ts";
import { originShape } from "../message.ts";
import { outcomeShape, runStateShape } from "../run.ts";
import { usageShape } from "../usage.ts";

const count = z.int().min(0);

/**
 * What a run did, from what is stored of it. Nothing that a tool read or wrote is in it, and secrets are taken out of what
 * is: the message, the commands, the answer.
 */
export const runReportShape = z.strictObject({
  runId: z.string(),
  sessionKey: z.string(),
  title: z.string().nullable().describe("Of its session."),
  state: runStateShape,
  ended: z.enum(outcomeShape.options.map((option) => option.shape.type.value)).nullable(),
  error: errorShape.optional(),
  origin: originShape,
  model: z.string(),
  asked: z.string().describe("The message it answers, cut."),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  durationMs: count.nullable().describe("From its start to its end; null before."),
  steps: count.describe("Answers of the model."),
  usage: usageShape.describe("With that of its sub-agents."),
  tools: z.array(
    z.strictObject({
      name: z.string(),
      calls: count.describe("Made."),
      failed: count.describe("Of those: that ended with an error."),
      refused: count.describe("Asked for and not made."),
    }),
  ),
  commands: z.array(
    z.strictObject({
      command: z.string(),
      ended: z.enum(["exited", "stopped", "background", "refused", "unknown"]),
      exitCode: count.nullable().describe("Of one that exited."),
      durationMs: count.nullable(),
    }),
  ),
  files: z.array(changedFileShape).describe("What it and its sub-agents have changed in the session's folder."),
  refused: z.array(z.strictObject({ tool: z.string(), what: z.string(), why: z.string() })),
  lacked: z.array(z.string()).describe("What it would have done, had a grant allowed it or anybody been there."),
  notices: z.array(z.string()).describe("Errors and retries on the way: waits, other models, resumed after a restart."),
  subagents: z.array(
    z.strictObject({ runId: z.string(), sessionKey: z.string(), state: runStateShape, usage: usageShape }),
  ),
  answer: z.string(),
  leftOut: count.describe(
    "How many commands, files, refusals, notices and sub-agents are not listed, for there are too many.",
  ),
});

export type RunReport = z.output<typeof runReportShape>;

import * as z from "zod";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import { originShape } from "../../protocol/shapes/originShape.ts";

export { jobPatchShape, newJobShape, prepareJob } from "../../schedule/jobInput.ts";

const statusShape = z.enum(["ok", "failed", "skipped", "missed", "running"]);

export const jobShape = z.strictObject({
  id: z.string(),
  name: z.string(),
  // As stored: a job of openclaw.yml or of an older version may be outside today's limits.
  schedule: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("cron"), expr: z.string(), tz: z.string().optional() }),
    z.strictObject({ kind: z.literal("every"), everyMs: z.number(), anchorMs: z.number().optional() }),
    z.strictObject({ kind: z.literal("at"), at: z.string() }),
  ]),
  payload: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("systemEvent"), text: z.string() }),
    z.strictObject({ kind: z.literal("agentTurn"), message: z.string() }),
    z.strictObject({ kind: z.literal("heartbeat"), instructions: z.string().optional() }),
  ]),
  sessionTarget: z.string(),
  enabled: z.boolean(),
  misfire: z.strictObject({ policy: z.enum(["once", "skip"]), maxAgeSeconds: z.number().optional() }).optional(),
  timeoutSeconds: z.number().optional(),
  model: z.string().optional(),
  budgetUsd: z.number().optional(),
  workspace: z.string().optional(),
  delivery: z
    .strictObject({
      mode: z.enum(["none", "announce", "webhook"]),
      channel: z.string().optional(),
      to: z.string().optional(),
      url: z.string().optional(),
    })
    .optional(),
  jitterSeconds: z.number().optional(),
  ownedByFile: z.boolean().optional().describe("Declared in openclaw.yml: changed there."),
  createdBy: originShape,
  createdAt: z.string(),
  updatedAt: z.string(),
  nextRunAt: z.string().nullable(),
  lastRunAt: z.string().nullable(),
  lastStatus: statusShape.nullable(),
  state: z.strictObject({
    consecutiveErrors: z.int().min(0),
    lastError: z.string().optional(),
    retryAt: z.string().optional(),
  }),
}) satisfies z.ZodType<Job>;

export const slotShape = z.strictObject({
  jobId: z.string(),
  slot: z.string().describe("The time it was due."),
  status: statusShape,
  cause: z.enum(["schedule", "misfire", "retry", "manual"]),
  runId: z.string().optional(),
  sessionKey: z.string().optional(),
  error: z.string().optional(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  missed: z.int().optional().describe("How many slots before this one passed while nothing ran; 1000 are counted."),
  delivery: z
    .strictObject({ status: z.enum(["pending", "delivered", "failed"]), error: z.string().optional() })
    .optional()
    .describe("What became of the result, where it goes somewhere."),
}) satisfies z.ZodType<SlotRecord>;

export const jobId = z.string().min(1).max(200).describe("Id of a job.");

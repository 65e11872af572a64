import * as z from "zod";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import { originShape } from "./origin.ts";

// Dates end 8.64e15 ms after 1970; a century is as good as never and stays far from that.
const CENTURY_MS = 100 * 365 * 24 * 3600 * 1000;
const DAYS_30_S = 30 * 24 * 3600;

const scheduleShape = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("cron"),
      expr: z.string().min(1).max(200).describe("5 fields, or 6 with seconds first."),
      tz: z.string().min(1).max(100).optional().describe("IANA zone; by default the machine's."),
    }),
    z.strictObject({ kind: z.literal("every"), everyMs: z.int().min(1000).max(CENTURY_MS) }),
    z.strictObject({
      kind: z.literal("at"),
      at: z.iso.datetime({
        offset: true,
        local: true,
        error: "Expected a time in ISO 8601, as in 2026-12-24T18:00:00Z",
      }),
    }),
  ])
  .describe("When it fires.");

const text = z.string().regex(/\S/, "Expected some text");

const payloadShape = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("systemEvent"), text }),
    z.strictObject({ kind: z.literal("agentTurn"), message: text }),
  ])
  .describe("What each firing does: puts a system event into the session and wakes it, or runs a turn.");

const misfireShape = z
  .strictObject({
    policy: z.enum(["once", "skip"]),
    maxAgeSeconds: z
      .number()
      .positive()
      .max(CENTURY_MS / 1000)
      .optional(),
  })
  .describe('Slots missed while nothing ran: one catch-up, or none. A bare "once" or "skip" is taken too.');

const deliveryShape = z
  .strictObject({
    mode: z.enum(["none", "announce", "webhook"]),
    channel: z.string().min(1).max(100).optional(),
    to: z.string().min(1).max(200).optional(),
    url: z
      .url({ protocol: /^https?$/, error: "Expected an http or https address" })
      .max(2000)
      .optional(),
  })
  .refine((delivery) => delivery.mode !== "webhook" || delivery.url !== undefined, {
    path: ["url"],
    message: "A webhook needs its url",
  })
  .describe("Where a result goes.");

const fields = z.strictObject({
  name: z.string().regex(/\S/, "Expected a name").max(200),
  schedule: scheduleShape,
  payload: payloadShape,
  sessionTarget: z
    .string()
    .min(1)
    .max(200)
    .describe('"main", "isolated" (a fresh session each time) or an existing session\'s key.'),
  enabled: z.boolean().optional(),
  misfire: misfireShape.optional(),
  timeoutSeconds: z.number().positive().max(DAYS_30_S).optional().describe("Limit of one firing."),
  model: z.string().min(1).max(200).optional(),
  budgetUsd: z.number().min(0).optional().describe("Limit of one firing, in US dollars."),
  workspace: z.string().min(1).max(4096).optional().describe("Folder that isolated sessions work in."),
  delivery: deliveryShape.optional(),
  jitterSeconds: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe("Spreads firings over up to this much after the slot."),
});

export const newJobShape = fields.extend({ enabled: z.boolean().default(true) });
export const jobPatchShape = fields.partial();

/** Takes the bare form of `misfire`. */
export function prepareJob(job: unknown): unknown {
  if (typeof job !== "object" || job === null || !("misfire" in job) || typeof job.misfire !== "string") return job;
  return { ...job, misfire: { policy: job.misfire } };
}

const statusShape = z.enum(["ok", "failed", "skipped", "missed", "running"]);

export const jobShape = z.strictObject({
  id: z.string(),
  name: z.string(),
  // As stored: a job of openclaw.yml or of an older version may be outside today's limits.
  schedule: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("cron"), expr: z.string(), tz: z.string().optional() }),
    z.strictObject({ kind: z.literal("every"), everyMs: z.number() }),
    z.strictObject({ kind: z.literal("at"), at: z.string() }),
  ]),
  payload: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("systemEvent"), text: z.string() }),
    z.strictObject({ kind: z.literal("agentTurn"), message: z.string() }),
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
}) satisfies z.ZodType<SlotRecord>;

export const jobId = z.string().min(1).max(200).describe("Id of a job.");

import * as z from "zod";
import { AppError } from "../base/appError.ts";

// Dates end 8.64e15 ms after 1970; a century is as good as never and stays far from that.
const CENTURY_MS = 100 * 365 * 24 * 3600 * 1000;
const DAYS_30_S = 30 * 24 * 3600;

const scheduleShape = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("cron"),
      expr: z.string().min(1).max(200).describe("5 fields, 6 with seconds first, or a name such as @daily."),
      tz: z.string().min(1).max(100).optional().describe("IANA zone; by default the machine's."),
    }),
    z.strictObject({
      kind: z.literal("every"),
      everyMs: z.int().min(1000).max(CENTURY_MS),
      anchorMs: z
        .int()
        .min(0)
        .max(CENTURY_MS)
        .optional()
        .describe("What it counts from, since 1970; by default from when the job gets this schedule."),
    }),
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
    z.strictObject({ kind: z.literal("heartbeat"), instructions: text.optional() }),
  ])
  .describe(
    "What each firing does: puts a system event into the session and wakes it, runs a turn, or lets the agent look around and stay silent when there is nothing to say.",
  );

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
  timeoutSeconds: z.number().positive().max(DAYS_30_S).optional().describe("Limit of one firing; 3600 by default."),
  model: z.string().min(1).max(200).optional(),
  budgetUsd: z.number().min(0).optional().describe("Limit of one firing, in US dollars."),
  workspace: z.string().min(1).max(4096).optional().describe("Folder that isolated sessions work in."),
  delivery: deliveryShape.optional(),
  jitterSeconds: z
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .describe("Spreads firings over up to this much after the slot, and never past the next one."),
});

/** What a job is made of, for every door that takes one. */
export const newJobShape = fields.extend({ enabled: z.boolean().default(true) });
export const jobPatchShape = fields.partial();

/** Takes the bare form of `misfire`. */
export function prepareJob(job: unknown): unknown {
  if (typeof job !== "object" || job === null || !("misfire" in job) || typeof job.misfire !== "string") return job;
  return { ...job, misfire: { policy: job.misfire } };
}

/** A job, or a change of one, as a model wrote it. Throws a bad_request with the first fault and all others as details. */
export function parseJobInput<S extends z.ZodType>(shape: S, input: unknown): z.output<S> {
  const result = shape.safeParse(prepareJob(input));
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = details;
  throw new AppError("bad_request", first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "Not a job"), {
    details,
  });
}

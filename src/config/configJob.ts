import * as z from "zod";

const scheduleSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("cron"),
      expr: z.string().describe("Five fields (minute hour day month weekday), or six with seconds first."),
      tz: z.string().optional().describe("IANA time zone such as Europe/Berlin; by default the machine's."),
    }),
    z.strictObject({
      kind: z.literal("every"),
      everyMs: z.int().min(1000).describe("Milliseconds between firings, at least 1000."),
      anchorMs: z
        .int()
        .min(0)
        .optional()
        .describe("What it counts from, in milliseconds since 1970; by default from when it is first declared."),
    }),
    z.strictObject({
      kind: z.literal("at"),
      at: z.string().describe("A moment in ISO 8601, as in 2026-12-24T18:00:00Z. Fires once."),
    }),
  ])
  .describe("When the job fires.");

const payloadSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("systemEvent"),
      text: z.string().min(1).describe("Put into the target session as a system event, which wakes it."),
    }),
    z.strictObject({
      kind: z.literal("agentTurn"),
      message: z.string().min(1).describe("The message that the agent answers."),
    }),
    z.strictObject({
      kind: z.literal("heartbeat"),
      instructions: z
        .string()
        .min(1)
        .optional()
        .describe("What to look after; the agent stays silent when all is well."),
    }),
  ])
  .describe("What happens at each firing.");

const policySchema = z.enum(["once", "skip"]).describe("One catch-up after firings were missed, or none.");

const misfireSchema = z
  .union([
    policySchema,
    z.strictObject({
      policy: policySchema,
      maxAgeSeconds: z.number().positive().optional().describe("A missed firing older than this is not caught up."),
    }),
  ])
  .transform((misfire) => (typeof misfire === "string" ? { policy: misfire } : misfire));

/** A job declared by the file: the same shape that `cron.add` takes. */
export const jobSchema = z.strictObject({
  name: z.string().min(1).max(200).describe("Names the job in lists; unique within the file."),
  schedule: scheduleSchema,
  payload: payloadSchema,
  sessionTarget: z.string().min(1).describe('"main", "isolated" (a fresh session each time) or the key of a session.'),
  enabled: z.boolean().default(true).describe("Whether it fires at all."),
  misfire: misfireSchema.optional().describe("What happens to firings that were missed; by default one catch-up."),
  timeoutSeconds: z.number().positive().optional().describe("Longest time that one firing may take; 3600 by default."),
  model: z.string().optional().describe("Model of this job's runs; by default the configured one."),
  budgetUsd: z.number().min(0).optional().describe("Ceiling in US dollars for one firing."),
  workspace: z.string().optional().describe("Folder that the job's runs work in."),
  delivery: z
    .strictObject({
      mode: z.enum(["none", "announce", "webhook"]).describe("Nowhere, to the editor, or to a web address."),
      channel: z.string().optional().describe("Channel to announce on; editor by default."),
      to: z.string().optional().describe("Recipient within the channel."),
      url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe("Address that a webhook posts the result to."),
    })
    .optional()
    .describe("Where the result goes; by default nowhere."),
  jitterSeconds: z
    .number()
    .min(0)
    .optional()
    .describe("Spreads firings over up to this much after their time, and never past the next one."),
});

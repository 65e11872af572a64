import * as z from "zod";
import { grantsOfRuns } from "../rule.ts";

const secret = (about: string) => z.string().describe(`${about} Write \${NAME} to read it from the environment.`);
const template = (about: string) =>
  z
    .string()
    .regex(/\S/, "Expected some text, but it is blank")
    .max(20_000)
    .describe(`${about} {{payload.a.b}} puts in what was sent, marked as data.`);

const hmacFields = z.strictObject({
  secret: secret("The key that the sender signs with."),
  header: z
    .string()
    .regex(/^[\w-]+$/, "Expected the name of a header")
    .max(100)
    .default("x-hub-signature-256")
    .describe(
      "Header with the signature of the body: `sha256=HEX` as GitHub signs, or `t=TIME,v1=HEX` as Stripe does in stripe-signature.",
    ),
  form: z
    .enum(["github", "stripe"])
    .optional()
    .describe("The form of the signature; stripe where the header is stripe-signature, else github."),
  toleranceSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe("How far the time in a signature of Stripe's form may be from now."),
  sameBody: z
    .enum(["repeat", "new"])
    .default("repeat")
    .describe(
      "What a body is that came before under another delivery id, which is not signed: a repeat, or new where a sender has the same to say twice.",
    ),
});

/** What the user's openclaw.yml says of one webhook, by its name. */
export const hookFields = z.strictObject({
  token: secret("What its sender sends as `Authorization: Bearer TOKEN`. It opens this webhook alone.").optional(),
  hmac: hmacFields.optional().describe("Or: how its sender signs."),
  jobId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Id or name of a job, which each delivery fires as it is: nothing of what was sent is in it."),
  message: template("The message that the agent answers.").optional(),
  event: template("The system event that is put into the session, which wakes it.").optional(),
  sessionTarget: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('"main", "isolated" (a fresh session each time; the default) or an existing session\'s key.'),
  sessionKeys: z
    .boolean()
    .optional()
    .describe("Of `agent`: whether its sender may name a session, which is made where there is none of that name."),
  model: z.string().min(1).max(200).optional().describe("Model of its runs; by default the configured one."),
  workspace: z.string().min(1).max(4096).optional().describe("Folder that its isolated sessions work in."),
  timeoutSeconds: z
    .number()
    .positive()
    .max(30 * 24 * 3600)
    .optional()
    .describe("Limit of one run; 3600 by default."),
  budgetUsd: z.number().min(0).optional().describe("Ceiling in US dollars for one run."),
  budgetTokens: z.int().min(0).optional().describe("Ceiling in tokens for one run."),
  grants: grantsOfRuns,
  deliveryId: z
    .string()
    .regex(/^(payload(\.[^\s{}.]+)+|[\w-]+)$/, "Expected a header's name, or a path such as payload.id")
    .max(200)
    .optional()
    .describe("Header, or path as in payload.id, that tells a repeated delivery; the usual headers by default."),
  maxChars: z
    .int()
    .min(1)
    .max(50_000)
    .default(4000)
    .describe("Most characters that one {{payload...}} puts in; the rest is cut off."),
  requestsPerMinute: z.int().positive().default(60).describe("Most deliveries in a minute."),
});

/** A webhook as it is set up. */
export type Hook = z.output<typeof hookFields>;

/** Webhooks that need no template: OpenClaw's own, with its bodies. */
export const OPENCLAW_HOOKS = ["agent", "wake"];

/** What a webhook is, without its secrets. */
export const listedHookShape = z.strictObject({
  name: z.string(),
  path: z.string().describe("Where it is posted to, below the gateway's address."),
  proof: z
    .enum(["token", "github", "stripe"])
    .describe("How a sender proves itself: a token, or a signature of that form."),
  header: z.string().describe("The header that the proof is in."),
  does: z.enum(["agent", "wake", "message", "event", "job"]),
  target: z.string().describe("The session that it goes to, or the job that it fires."),
  paths: z.array(z.string()).describe("What of a payload it puts in."),
});

export type ListedHook = z.output<typeof listedHookShape>;

/** What a delivery came to. */
export const deliveryAnswerShape = z.strictObject({
  ok: z.literal(true),
  status: z.enum(["accepted", "skipped", "failed"]).describe("skipped, failed: of a job's slot, with the reason."),
  runId: z.string().nullable(),
  sessionKey: z.string().nullable(),
  jobId: z.string().optional(),
  slot: z.string().optional().describe("The job's slot that it took."),
  reason: z.string().optional(),
  mode: z.enum(["now", "next-heartbeat"]).optional().describe("Of `wake`."),
});

export type DeliveryAnswer = z.output<typeof deliveryAnswerShape>;

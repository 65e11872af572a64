import * as z from "zod";
import { originShape } from "./message.ts";
import { outputSchema } from "./replyForm.ts";
import { usageShape } from "./usage.ts";
import { grantsOfRuns } from "./rule.ts";

// Dates end 8.64e15 ms after 1970; a century is as good as never and stays far from that.
const CENTURY_MS = 100 * 365 * 24 * 3600 * 1000;
const DAYS_30_S = 30 * 24 * 3600;
const DAY_S = 24 * 3600;

/** Text that holds more than blanks. */
const text = (max?: number) => {
  const any = z.string().regex(/\S/, "Expected some text, but it is blank");
  return max === undefined ? any : any.max(max);
};

const notTime = (input: unknown) =>
  `${JSON.stringify(String(input).slice(0, 80))} is not a time in ISO 8601, as in 2026-12-24T18:00:00Z`;

/** Seconds may be left out, whatever stands behind them. */
const MOMENT = new RegExp(
  `${z.regexes.date.source.slice(0, -1)}T(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)?$`,
);

/** A moment carries its own zone; one beside it would say another thing, or nothing. */
const zoneBesideMoment = ({ code, keys }: { code: string; keys?: string[] | undefined }) =>
  code === "unrecognized_keys" && keys?.join() === "tz"
    ? "A zone belongs to cron; a moment says its own, as in 2026-12-24T18:00:00+01:00"
    : undefined;

export const scheduleShape = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("cron"),
      expr: z
        .string()
        .min(1)
        .max(200)
        .describe(
          "Five fields (minute hour day month weekday), six with seconds first, seven with the year last too, or a name such as @daily.",
        ),
      tz: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe("IANA time zone such as Europe/Berlin; by default the machine's."),
    }),
    z.strictObject({
      kind: z.literal("every"),
      everyMs: z.int().min(1000).max(CENTURY_MS).describe("Milliseconds between firings."),
      anchorMs: z
        .int()
        .min(0)
        .max(CENTURY_MS)
        .optional()
        .describe("What it counts from, in milliseconds since 1970; by default from when the job gets this schedule."),
    }),
    z.strictObject(
      {
        kind: z.literal("at"),
        at: z
          .string()
          .regex(MOMENT, { error: ({ input }) => notTime(input) })
          .describe(
            "A moment in ISO 8601, as in 2026-12-24T18:00:00Z; without an offset in the machine's zone. Fires once.",
          ),
      },
      { error: zoneBesideMoment },
    ),
    z.strictObject({
      kind: z.literal("file"),
      glob: z
        .string()
        .min(1)
        .max(500)
        .describe("Files of the job's folder, as in src/**/*.ts: it fires when one of them changes, comes or goes."),
      debounceMs: z
        .int()
        .min(50)
        .max(3_600_000)
        .optional()
        .describe("For how long nothing has to change before it fires; 1000 by default."),
    }),
    z.strictObject({
      kind: z.literal("exit"),
      command: text(2000).describe(
        "A command that was started in the background in the job's folder: it fires when that ends. A * at its end stands for anything.",
      ),
    }),
    z.strictObject({
      kind: z.literal("after"),
      jobId: z.string().min(1).max(200).describe("Id, or name, of the job that it follows."),
      on: z.enum(["ok", "failed"]).describe("How that one has to end; failed: once the last try has failed."),
    }),
  ])
  .describe("When it fires.");

export type Schedule = z.output<typeof scheduleShape>;

/** Schedules of time have slots that are known beforehand; others fire when something happens. */
export function isTimed({ kind }: Pick<Schedule, "kind">): boolean {
  return kind === "cron" || kind === "every" || kind === "at";
}

const payloadShape = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("systemEvent"),
      text: text().describe("Put into the target session as a system event, which wakes it."),
    }),
    z.strictObject({ kind: z.literal("agentTurn"), message: text().describe("The message that the agent answers.") }),
    z.strictObject({
      kind: z.literal("heartbeat"),
      instructions: text().optional().describe("What to look after; the agent stays silent when all is well."),
    }),
  ])
  .describe(
    "What each firing does: puts a system event into the session and wakes it, runs a turn, or lets the agent look around and stay silent when there is nothing to say.",
  );

export type Payload = z.output<typeof payloadShape>;

export const policyShape = z.enum(["once", "skip"]).describe("One catch-up after slots were missed, or none.");

export const misfireShape = z
  .strictObject({
    policy: policyShape,
    maxAgeSeconds: z
      .number()
      .positive()
      .max(CENTURY_MS / 1000)
      .optional()
      .describe("A missed slot older than this is not caught up."),
  })
  .describe("What happens to slots that passed while nothing ran; by default one catch-up.");

export const deliveryShape = z
  .strictObject({
    mode: z
      .enum(["none", "announce", "webhook"])
      .describe("announce: into the main session's history, and to whoever watches. webhook: posted to `url`, signed."),
    channel: z.string().min(1).max(100).optional().describe("Channel to announce on; the editor by default."),
    to: z.string().min(1).max(200).optional().describe("Recipient within the channel."),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .optional()
      .describe("Address that a webhook posts the result to."),
    content: z
      .enum(["reply", "report"])
      .optional()
      .describe("What goes there: the reply, as by default, or a report of what the run did, cost and was refused."),
  })
  .describe("Where a result goes; by default nowhere.");

export type Delivery = z.output<typeof deliveryShape>;

/** What whoever makes a job says of it, with the limits of each field. */
export const jobFields = z.strictObject({
  name: text(200).describe("Names the job in lists."),
  schedule: scheduleShape,
  payload: payloadShape,
  sessionTarget: z
    .string()
    .min(1)
    .max(200)
    .describe('"main", "isolated" (a fresh session each time) or an existing session\'s key.'),
  enabled: z.boolean().optional().describe("Whether it fires at all."),
  misfire: misfireShape.optional(),
  timeoutSeconds: z.number().positive().max(DAYS_30_S).optional().describe("Limit of one firing; 3600 by default."),
  model: z.string().min(1).max(200).optional().describe("Model of its runs; by default the configured one."),
  budgetUsd: z.number().min(0).optional().describe("Ceiling in US dollars for one firing."),
  budgetTokens: z.int().min(0).optional().describe("Ceiling in tokens for one firing."),
  condition: z
    .strictObject({
      command: text(20_000).describe(
        "A command that decides: where it ends with 0 the job fires, else the slot is skipped.",
      ),
      timeoutSeconds: z.number().positive().max(600).optional().describe("Its time limit; 60 by default."),
    })
    .optional()
    .describe("What is asked before each firing, in the job's folder and under its grants."),
  workspace: z.string().min(1).max(4096).optional().describe("Folder that its isolated sessions work in."),
  grants: grantsOfRuns,
  outputSchema: outputSchema.optional(),
  delivery: deliveryShape.optional(),
  jitterSeconds: z
    .number()
    .min(0)
    .max(DAY_S)
    .optional()
    .describe("Spreads firings over up to this much after the slot, and never past the next one."),
});

export type NewJob = z.output<typeof jobFields>;

const statusShape = z.enum(["ok", "failed", "skipped", "missed", "running"]);

export type JobStatus = z.output<typeof statusShape>;

export const deliveryStatusShape = z
  .enum(["pending", "queued", "delivered", "in doubt", "refused", "failed"])
  .describe(
    "pending: it is being handed over. queued: stored for a chat, and on its way there. delivered: the network has taken it. in doubt: the line broke, and nobody knows. refused: the network does not take it, and `error` is what it says. failed: it could not be handed over.",
  );

const deliveredShape = z.strictObject({
  status: deliveryStatusShape,
  error: z.string().optional(),
  channel: z.string().optional().describe("The chat network that it goes to."),
});

/** The same with why it is not there yet, as it is now. */
export const toldDeliveryShape = deliveredShape.extend({
  why: z.string().optional().describe("Of a queued one: why it waits, where it does not simply go."),
  retryAt: z.string().optional().describe("When it is tried again."),
  givenUpAt: z.string().optional().describe("When it will have failed, where nothing changes."),
});

export type ToldDelivery = z.output<typeof toldDeliveryShape>;

/** `seen` of a job that watches files where there are none: the digest of nothing. */
export const SEEN_NO_FILES = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

/** A schedule with what to do at each of its slots. */
export const jobShape = z.strictObject({
  id: z.string(),
  ...jobFields.shape,
  enabled: z.boolean(),
  ownedByFile: z.boolean().optional().describe("Declared in openclaw.yml: changed there, not over the API."),
  file: z.string().optional().describe("The file that declares it."),
  grantedFor: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "What its grants were given for, as digests: payload, workspace, model, session, condition, and the files that they run.",
    ),
  grantsVoid: z
    .array(z.string())
    .optional()
    .describe("What changed since its grants were given, so that they do not hold; absent while they do."),
  mayDo: z
    .string()
    .optional()
    .describe('What it may do unasked, in words: "run exactly `npm test`; change files under src/, delete nothing".'),
  notes: z.array(z.string()).optional().describe("What should be known of it now, as that no file fits its glob."),
  seen: z
    .string()
    .optional()
    .describe(
      "Of a job that fires when something happens: up to where it has seen what happens, so that each counts once.",
    ),
  rehearsal: z
    .strictObject({
      runId: z.string(),
      sessionKey: z.string(),
      startedAt: z.string(),
      finishedAt: z.string().optional().describe("Absent while it goes on."),
      delivery: deliveredShape.optional().describe("What became of its result, where that was to be sent."),
    })
    .optional()
    .describe("Its newest rehearsal; what came of it is told by cron.rehearsal."),
  createdBy: originShape,
  deliveryBy: originShape
    .optional()
    .describe("Who said last where its result goes, where that was said since it was made."),
  createdAt: z.string(),
  updatedAt: z.string(),
  nextRunAt: z.string().nullable(),
  nextRunZone: z
    .string()
    .optional()
    .describe(
      "The machine's zone when `nextRunAt` was counted; absent where the schedule names its own, or needs none.",
    ),
  lastRunAt: z.string().nullable(),
  lastStatus: statusShape.nullable(),
  state: z.strictObject({
    consecutiveErrors: z.int().min(0),
    lastError: z.string().optional(),
    retryAt: z.string().optional(),
    inDoubt: z
      .string()
      .optional()
      .describe("What nobody knows whether it has happened, in words; until the job fires for something else."),
    lookFault: z
      .string()
      .optional()
      .describe(
        "Why the files that it waits for cannot be looked at, so that it does not fire for them; until they can be.",
      ),
  }),
});

export type Job = z.output<typeof jobShape>;

/** A job's id, as a field of an input. */
export const jobRef = z.string().min(1).max(200).describe("Id of a job, or a name that one job has.");

/** One firing of a job: unique by job and slot, so that no two gateways fire it. */
export const slotShape = z.strictObject({
  jobId: z.string(),
  slot: z.string().describe("The time it was due."),
  status: statusShape,
  cause: z
    .enum(["schedule", "misfire", "retry", "manual", "webhook", "file", "exit", "after"])
    .describe("Why it fired: its schedule, a catch-up, a retry, by hand, a webhook, or what its schedule waits for."),
  started: z.string().optional().describe("What started it, in words: the files that changed, the command that ended."),
  inDoubt: z
    .literal(true)
    .optional()
    .describe(
      "Nobody knows whether what it waits for has happened: the process that ran the command is gone without a word.",
    ),
  runId: z.string().optional(),
  sessionKey: z.string().optional(),
  error: z.string().optional(),
  result: z.unknown().optional().describe("The value that its reply is, where the job has an `outputSchema`."),
  lacked: z.array(z.string()).optional().describe("What it would have done, had a grant allowed it: one line each."),
  grantsVoid: z
    .string()
    .optional()
    .describe("Why it had none of the job's grants: something they were given for has changed."),
  retryAt: z.string().optional().describe("When it is tried again, after it failed."),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  missed: z.int().optional().describe("How many slots before this one passed while nothing ran; 1000 are counted."),
  reminded: z.literal(true).optional().describe("Its job is a reminder, which was told by it or by a try before it."),
  delivery: deliveredShape.optional().describe("What became of the result, where it goes somewhere."),
});

export type SlotRecord = z.output<typeof slotShape>;

/** A firing with what its run took. */
export const toldFiringShape = slotShape.extend({
  delivery: toldDeliveryShape.optional().describe("What became of the result, where it goes somewhere."),
  durationMs: z.int().min(0).optional().describe("From its start to its end, of one that ran and has ended."),
  model: z.string().optional().describe("The one that answered last."),
  usage: usageShape.optional().describe("Of its run, with that of its sub-agents."),
  lastLines: z.string().optional().describe("The end of its reply: at most five lines."),
});

export type ToldFiring = z.output<typeof toldFiringShape>;

/** When jobs fire next. */
export const nextFiringsShape = z.strictObject({
  firings: z
    .array(
      z.strictObject({
        jobId: z.string(),
        name: z.string(),
        slot: z.string().describe("The slot."),
        at: z.string().describe("When it fires: the slot, and what `jitterSeconds` puts off."),
        cause: z.enum(["schedule", "retry"]),
      }),
    )
    .describe("The soonest first."),
  waiting: z
    .array(z.strictObject({ jobId: z.string(), name: z.string(), schedule: scheduleShape }))
    .describe("Jobs that fire when something happens, whenever that is."),
});

export type NextFirings = z.output<typeof nextFiringsShape>;

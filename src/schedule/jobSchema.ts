import * as z from "zod";
import { CHANNELS } from "../protocol/outside/channelNames.ts";
import { AppError, isAppError } from "../base/appError.ts";
import { nearest } from "../base/input/nearest.ts";
import { parseInput } from "../base/input/parseInput.ts";
import { readSchema } from "../schema/readSchema.ts";
import { outputSchema } from "../protocol/replyForm.ts";
import {
  deliveryShape,
  isTimed,
  jobFields,
  misfireShape,
  policyShape,
  type Schedule,
  scheduleShape,
} from "../protocol/job.ts";
import { ruleSchema } from "../rules/ruleSchema.ts";
import { cronFault, stepFault } from "./cronExpression.ts";
import { nextSlot } from "./nextSlot.ts";
import { isZone } from "./zoneTime.ts";

/** One thing that a job's shape cannot say. `path` is within the part that is looked at. */
interface JobFault {
  path: string[];
  message: string;
}

/** What is wrong with a schedule, whenever it is looked at: its expression, its zone, or that it never fires. */
function scheduleFaults(schedule: Schedule): JobFault[] {
  if (schedule.kind === "file" && /^(?:[\\/~]|[a-z]:)|(?:^|[\\/])\.\.(?:[\\/]|$)|^!/i.test(schedule.glob))
    return [{ path: ["glob"], message: "A glob names files below the job's folder: no leading slash, no .. and no !" }];
  if (schedule.kind === "file" && /^[\s./\\]*$/.test(schedule.glob))
    return [
      { path: ["glob"], message: `${JSON.stringify(schedule.glob)} names no file: write a glob as src/**/*.ts is` },
    ];
  if (schedule.kind !== "cron") return [];
  const { expr, tz } = schedule;
  const faults: JobFault[] = [];
  const fault = cronFault(expr) ?? stepFault(expr);
  const shown = JSON.stringify(expr);
  if (fault !== undefined) faults.push({ path: ["expr"], message: `${shown} is not a cron expression: ${fault}` });
  else if (nextSlot({ kind: "cron", expr, tz: "UTC" }, Date.now(), 0) === null)
    faults.push({ path: ["expr"], message: `${shown} never fires` });
  if (tz !== undefined && !isZone(tz)) faults.push({ path: ["tz"], message: zoneFault(tz) });
  return faults;
}

function zoneFault(tz: string): string {
  const meant = nearest(tz, Intl.supportedValuesOf("timeZone"));
  const hint = meant ? `; did you mean "${meant}"?` : ", as Europe/Berlin is";
  return `${JSON.stringify(tz)} is not a time zone${hint}`;
}

/** What does not fit together in a delivery. */
function deliveryFaults({ mode, url, channel }: z.output<typeof deliveryShape>): JobFault[] {
  const faults: JobFault[] = [];
  if (mode === "webhook" && url === undefined) faults.push({ path: ["url"], message: "A webhook needs its url" });
  if (channel !== undefined && channel !== "editor" && !CHANNELS.some((name) => name === channel)) {
    const message = `${JSON.stringify(channel.slice(0, 80))} is not set up; without it, results go to the editor`;
    faults.push({ path: ["channel"], message });
  }
  return faults;
}

type Parts = Pick<
  z.output<typeof jobFields>,
  "payload" | "sessionTarget" | "schedule" | "jitterSeconds" | "outputSchema"
>;

/** What does not fit together in a job as a whole. */
export function jobFaults({
  payload,
  sessionTarget,
  schedule,
  jitterSeconds,
  outputSchema: output,
}: Parts): JobFault[] {
  const faults: JobFault[] = [];
  if (payload.kind === "heartbeat" && sessionTarget !== "isolated") {
    const message = 'A heartbeat runs in a session of its own: its sessionTarget is "isolated"';
    faults.push({ path: ["sessionTarget"], message });
  }
  if (jitterSeconds && !isTimed(schedule)) {
    const message = `Only slots of time are spread; one of kind ${schedule.kind} fires when something happens`;
    faults.push({ path: ["jitterSeconds"], message });
  }
  if (payload.kind === "heartbeat" && output) {
    const message = "A heartbeat says in words that all is well: it has no outputSchema";
    faults.push({ path: ["outputSchema"], message });
  }
  return faults;
}

/** What is wrong with the schema of a reply. */
function outputFaults(schema: Record<string, unknown>): JobFault[] {
  try {
    readSchema(schema);
    return [];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [{ path: [], message: error.message.replace(/^outputSchema:? ?/, "") }];
  }
}

function toIssues<T>(faults: (value: T) => JobFault[]) {
  return (value: T, context: z.core.$RefinementCtx<T>): void => {
    for (const { path, message } of faults(value))
      context.addIssue({ code: "custom", path, message, input: value, continue: true });
  };
}

const fields = jobFields.extend({
  schedule: scheduleShape.superRefine(toIssues(scheduleFaults)),
  delivery: deliveryShape.superRefine(toIssues(deliveryFaults)).optional(),
  outputSchema: outputSchema.superRefine(toIssues(outputFaults)).optional(),
  grants: z
    .array(ruleSchema)
    .max(100)
    .optional()
    .describe(jobFields.shape.grants.description ?? ""),
  misfire: z
    .union([policyShape, misfireShape])
    .transform((misfire) => (typeof misfire === "string" ? { policy: misfire } : misfire))
    .optional()
    .describe("What happens to slots that passed while nothing ran; by default one catch-up."),
});

/** What every door takes as a job: REST, a wire, the agent's tool, openclaw.yml. */
export const newJobSchema = fields
  .extend({ enabled: z.boolean().default(true).describe("Whether it fires at all.") })
  .superRefine(toIssues(jobFaults));

const needed = { name: true, schedule: true, payload: true, sessionTarget: true, enabled: true } as const;
const optional = fields.omit(needed).shape;
type Clearable = { [K in keyof typeof optional]: z.ZodOptional<z.ZodNullable<(typeof optional)[K]>> };

/** What every door takes as a change of one: null takes a field away that it may be without. */
export const jobPatchSchema = z.strictObject({
  ...fields.pick(needed).partial().shape,
  ...(Object.fromEntries(
    Object.entries(optional).map(([key, field]) => [
      key,
      field
        .nullable()
        .optional()
        .describe(`${field.description ?? ""} null: none.`),
    ]),
  ) as Clearable),
});

/** Fields that a job may be without. */
export const CLEARABLE = Object.keys(optional);

export type JobPatch = z.output<typeof jobPatchSchema>;

const scheduled = z.strictObject({ schedule: fields.shape.schedule });

/** Throws a bad_request that says what is wrong with a schedule from `now` on: its fields, or a time that is over. */
export function checkSchedule(schedule: Schedule, now: number): void {
  parseInput(scheduled, { schedule });
  if (schedule.kind !== "at" || Date.parse(schedule.at) > now) return;
  const fault = { path: "schedule.at", message: `${schedule.at} has passed already` };
  throw new AppError("bad_request", `${fault.path}: ${fault.message}`, { details: [fault] });
}

import * as z from "zod";
import { AppError, isAppError } from "../base/appError.ts";
import { nearest } from "../base/input/nearest.ts";
import { parseInput } from "../base/input/parseInput.ts";
import { readSchema } from "../schema/readSchema.ts";
import { outputSchema } from "../protocol/replyForm.ts";
import { deliveryShape, jobFields, misfireShape, policyShape, type Schedule, scheduleShape } from "../protocol/job.ts";
import { ruleSchema } from "../rules/ruleSchema.ts";
import { cronFault } from "./cronExpression.ts";
import { nextSlot } from "./nextSlot.ts";
import { isZone } from "./zoneTime.ts";

/** One thing that a job's shape cannot say. `path` is within the part that is looked at. */
interface JobFault {
  path: string[];
  message: string;
}

/** What is wrong with a schedule, whenever it is looked at: its expression, its zone, or that it never fires. */
function scheduleFaults(schedule: Schedule): JobFault[] {
  if (schedule.kind !== "cron") return [];
  const { expr, tz } = schedule;
  const faults: JobFault[] = [];
  const fault = cronFault(expr);
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
  if (channel !== undefined && channel !== "editor") {
    const message = `${JSON.stringify(channel.slice(0, 80))} is not set up; without it, results go to the editor`;
    faults.push({ path: ["channel"], message });
  }
  return faults;
}

type Parts = Pick<z.output<typeof jobFields>, "payload" | "sessionTarget">;

/** What does not fit together in a job as a whole. */
export function jobFaults({ payload, sessionTarget }: Parts): JobFault[] {
  if (payload.kind !== "heartbeat" || sessionTarget === "isolated") return [];
  const message = 'A heartbeat runs in a session of its own: its sessionTarget is "isolated"';
  return [{ path: ["sessionTarget"], message }];
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

/** What every door takes as a change of one. */
export const jobPatchSchema = fields.partial();

const scheduled = z.strictObject({ schedule: fields.shape.schedule });

/** Throws a bad_request that says what is wrong with a schedule from `now` on: its fields, or a time that is over. */
export function checkSchedule(schedule: Schedule, now: number): void {
  parseInput(scheduled, { schedule });
  if (schedule.kind !== "at" || Date.parse(schedule.at) > now) return;
  const fault = { path: "schedule.at", message: `${schedule.at} has passed already` };
  throw new AppError("bad_request", `${fault.path}: ${fault.message}`, { details: [fault] });
}

import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import { checkSchedule, newJobSchema } from "../../schedule/jobSchema.ts";
import type { Job } from "../../protocol/job.ts";
import type { Origin } from "../../protocol/message.ts";
import type { MovedJob, TakenJob } from "../../protocol/written/movedLine.ts";
import { ruleWords } from "../../rules/coverage.ts";
import { isByAgent, newJob } from "./jobRules.ts";

/** What of an import a person has confirmed. */
export interface TakeHow {
  dryRun: boolean;
  enable: boolean;
  grants: boolean;
}

/** What putting a job of a file down needs. */
export interface TakeParts {
  now: number;
  /** Those before it that a dry run would have put down. */
  foretold: Job[];
  has(id: string): Promise<boolean>;
  put(job: Job): Promise<unknown>;
  /** Turns it on, as a person would; rejects with why it cannot work. Absent: nothing can be turned on or granted. */
  ready?: (job: Job, foretold: Job[]) => Promise<Job>;
  bind?: (job: Job) => Promise<Job>;
}

/**
 * Takes a job of a file in, under its own id. It comes switched off, and without what it was granted: a file gives no
 * rights, unless a person has said that it does.
 */
export async function takeJob(parts: TakeParts, moved: MovedJob, by: Origin, how: TakeHow): Promise<TakenJob> {
  const { type: _type, id, createdAt, createdBy, deliveryBy, enabled: wasOn, grants, ...given } = moved;
  const told = {
    id,
    name: moved.name,
    ...(grants?.length ? { grants: grants.map((rule) => visibleLine(ruleWords(rule), 200)) } : {}),
  };
  if (await parts.has(id)) return { ...told, state: "there", enabled: false };
  let job: Job;
  try {
    if (!/^[\w-]+$/.test(id)) throw new AppError("bad_request", `${quotedLine(id)} is no id of a job`);
    const { enabled: _on, ...fields } = parseInput(newJobSchema, {
      ...given,
      enabled: false,
      ...(how.grants && grants ? { grants } : {}),
    });
    // Who made it says less about it than who takes it over, unless that was a session, which may do less.
    const origin = isByAgent(createdBy) ? createdBy : by;
    const deliverer = deliveryBy && (isByAgent(deliveryBy) ? deliveryBy : by);
    const made = { id, createdBy: origin, ...defined({ deliveryBy: deliverer }) };
    job = { ...newJob({ ...fields, enabled: false }, made, parts.now), createdAt };
    if (job.grants && parts.bind) job = await parts.bind(job);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { ...told, state: "refused", enabled: false, why: error.message };
  }
  let why: string | undefined = how.enable && !wasOn ? "It was off" : undefined;
  if (how.enable && wasOn && parts.ready) {
    try {
      checkSchedule(job.schedule, parts.now);
      job = await parts.ready(job, parts.foretold);
    } catch (error) {
      if (!isAppError(error)) throw error;
      why = `It stays off: ${error.message}`;
    }
  }
  if (how.dryRun) parts.foretold.push(job);
  else await parts.put(job);
  return { ...told, state: "made", enabled: job.enabled, ...defined({ why }) };
}

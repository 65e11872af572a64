import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { Core } from "../../core/core.ts";
import type { Run } from "../../core/services/submittedRun.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { describeSchedule } from "../../schedule/describeSchedule.ts";
import { answered } from "../calls/answered.ts";
import { type Call, defineRoute } from "../calls/route.ts";
import {
  type Job,
  jobRef,
  jobShape,
  nextFiringsShape,
  type Schedule,
  type SlotRecord,
  slotShape,
  toldFiringShape,
} from "../../protocol/job.ts";
import { rehearsalShape } from "../../protocol/written/rehearsal.ts";
import { runId } from "../../protocol/run.ts";
import { toldJob } from "../../rules/coverWords.ts";
import { newJobSchema, jobPatchSchema } from "../../schedule/jobSchema.ts";

export const cronAdd = defineRoute({
  name: "cron.add",
  verb: "POST",
  scope: "write",
  summary: "Adds a job. The job's fields may also stand without the `job` around them.",
  input: z.strictObject({ job: newJobSchema }),
  prepare: (input) => ("job" in input ? input : { job: input }),
  output: z.strictObject({ job: jobShape }),
  async handle(core, { job }, call) {
    checkMayGrant(call, job);
    return answered(call.keep, told, (kept) => core.jobs.add(job, call.origin, kept));
  },
});

function told(job: Job) {
  return { job: toldJob(job) };
}

export const cronList = defineRoute({
  name: "cron.list",
  verb: "GET",
  scope: "read",
  summary: "All jobs.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), jobs: z.array(jobShape) }),
  async handle(core) {
    const jobs = (await core.jobs.list()).map(toldJob);
    return { count: jobs.length, jobs };
  },
});

export const cronGet = defineRoute({
  name: "cron.get",
  verb: "GET",
  scope: "read",
  summary: "One job, with its schedule in words and when it fires next.",
  input: z.strictObject({ id: jobRef }),
  output: z.strictObject({
    job: jobShape,
    words: z.string().describe("Its schedule, in English."),
    next: z.array(z.string()).describe("Its next five firings; none while it is off, or waits for something."),
  }),
  async handle(core, { id }) {
    const job = toldJob(await core.jobs.get(id));
    const { firings } = await core.jobs.next({ id: job.id, count: 5 });
    return { job, words: describeSchedule(await named(core, job.schedule)), next: firings.map(({ at }) => at) };
  },
});

/** A job that another follows is told by its name. */
async function named(core: Core, schedule: Schedule): Promise<Schedule> {
  if (schedule.kind !== "after") return schedule;
  const before = (await core.jobs.list()).find(({ id }) => id === schedule.jobId);
  return before ? { ...schedule, jobId: visibleLine(before.name, 80) } : schedule;
}

export const cronUpdate = defineRoute({
  name: "cron.update",
  verb: "POST",
  scope: "write",
  summary: "Changes the given fields of a job.",
  input: z.strictObject(
    { id: jobRef, patch: jobPatchSchema },
    {
      error: ({ code }) =>
        code === "unrecognized_keys" ? "Unknown field here: a job's fields stand in patch" : undefined,
    },
  ),
  output: z.strictObject({ job: jobShape }),
  async handle(core, { id, patch }, call) {
    checkMayGrant(call, patch);
    // Another task under the same grants is a grant, too.
    checkMayGrant(call, await core.jobs.get(id));
    return answered(call.keep, told, (kept) => core.jobs.update(id, patch, call.origin, kept));
  },
});

/** Throws `forbidden` for a token that could not answer an approval itself. */
function checkMayGrant({ scope }: Call, { grants }: { grants?: Rule[] | null | undefined }): void {
  if (grants && scope !== "admin")
    throw new AppError("forbidden", `A job with grants needs a token of scope admin; this one has ${scope}`);
}

export const cronRemove = defineRoute({
  name: "cron.remove",
  verb: "POST",
  scope: "write",
  summary: "Removes a job. A run it has started goes on, without its grants.",
  input: z.strictObject({ id: jobRef }),
  output: z.strictObject({ id: z.string(), removed: z.literal(true) }),
  async handle(core, { id: ref }, { keep }) {
    const toRemoved = (id: string) => ({ id, removed: true as const });
    return answered(keep, toRemoved, (kept) => core.jobs.remove(ref, kept));
  },
});

export const cronRun = defineRoute({
  name: "cron.run",
  verb: "POST",
  scope: "write",
  summary: "Fires a job now, without moving its next slot.",
  input: z.strictObject({ id: jobRef }),
  output: z.strictObject({
    id: z.string(),
    runId: z.string().nullable(),
    sessionKey: z.string().nullable(),
    run: slotShape,
  }),
  async handle(core, { id }, { keep }) {
    const toFired = (slot: SlotRecord) => ({
      ...{ id: slot.jobId, runId: slot.runId ?? null, sessionKey: slot.sessionKey ?? null },
      run: slot,
    });
    return answered(keep, toFired, (kept) => core.jobs.run(id, { keep: kept }));
  },
});

export const cronRehearse = defineRoute({
  name: "cron.rehearse",
  verb: "POST",
  scope: "write",
  summary:
    "Runs a job now with a person to ask, which is no firing: cron.rehearsal tells what it asked, cron.grant gives what is to be allowed.",
  input: z.strictObject({
    id: jobRef,
    deliver: z.boolean().default(false).describe("Sends the result where firings send theirs; else it is only shown."),
  }),
  output: z.strictObject({ id: z.string(), runId: z.string(), sessionKey: z.string() }),
  handle: (core, { id, deliver }, { keep }) => core.jobs.rehearse(id, { deliver }, keep),
});

export const cronRehearsal = defineRoute({
  name: "cron.rehearsal",
  verb: "GET",
  scope: "read",
  summary: "What a rehearsal asked, what it was answered, and what could be granted: a job's newest, or that of a run.",
  input: z.strictObject({ id: jobRef.optional(), runId: runId.optional() }),
  output: rehearsalShape,
  handle: (core, of) => core.jobs.rehearsal(defined(of)),
});

export const cronGrant = defineRoute({
  name: "cron.grant",
  verb: "POST",
  scope: "admin",
  summary: "Gives a job exactly these of what its rehearsal asked, by their numbers, beside what it had before.",
  input: z.strictObject({
    id: jobRef,
    runId,
    take: z.array(z.int().min(1)).max(1000).describe("Numbers of cron.rehearsal's `asked`; none is a choice, too."),
  }),
  output: z.strictObject({ job: jobShape }),
  async handle(core, given, { keep }) {
    return answered(keep, told, (kept) => core.jobs.takeGrants(given, kept));
  },
});

export const cronRuns = defineRoute({
  name: "cron.runs",
  verb: "GET",
  scope: "read",
  summary:
    "Past firings of one job or of all, newest first: how each ended, what it took and cost, and the end of its reply.",
  input: z.strictObject({ id: jobRef.optional(), limit: z.int().min(1).max(500).default(50) }),
  output: z.strictObject({ count: z.int(), runs: z.array(toldFiringShape) }),
  async handle(core, { id, limit }) {
    const runs = await core.jobs.firings({ limit, ...defined({ jobId: id }) });
    return { count: runs.length, runs };
  },
});

export const cronNext = defineRoute({
  name: "cron.next",
  verb: "GET",
  scope: "read",
  summary: "When jobs fire next: one of them, or all together.",
  input: z.strictObject({ id: jobRef.optional(), count: z.int().min(1).max(500).default(10) }),
  output: nextFiringsShape,
  handle: (core, { id, count }) => core.jobs.next({ count, ...defined({ id }) }),
});

export const cronWake = defineRoute({
  name: "cron.wake",
  verb: "POST",
  scope: "write",
  summary: "Puts a system event into the main session and wakes it.",
  input: z.strictObject({ text: z.string().regex(/\S/, "Expected some text") }),
  output: z.strictObject({ status: z.literal("ok"), runId: z.string(), sessionKey: z.string() }),
  async handle(core, { text }, call) {
    const toWoken = ({ id, sessionKey }: Pick<Run, "id" | "sessionKey">) => ({
      ...{ status: "ok" as const, runId: id },
      sessionKey,
    });
    return answered(call.keep, toWoken, (kept) => core.jobs.wake(text, call.origin, (run) => ({ answers: kept(run) })));
  },
});

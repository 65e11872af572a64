import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobShape, newJobShape, prepareJob } from "../shapes/job.ts";

export const cronAdd = defineRoute({
  name: "cron.add",
  verb: "POST",
  scope: "write",
  summary: "Adds a job. The job's fields may also stand without the `job` around them.",
  input: z.strictObject({ job: newJobShape }),
  prepare: (input) => ("job" in input ? { ...input, job: prepareJob(input.job) } : { job: prepareJob(input) }),
  output: z.strictObject({ job: jobShape }),
  async handle(core, { job }, call) {
    return { job: await core.jobs.add(job, call.origin) };
  },
});

import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobId, jobPatchShape, jobShape, prepareJob } from "../shapes/job.ts";

export const cronUpdate = defineRoute({
  name: "cron.update",
  verb: "POST",
  scope: "write",
  summary: "Changes the given fields of a job.",
  input: z.strictObject({ id: jobId, patch: jobPatchShape }),
  prepare: (input) => ({ ...input, patch: prepareJob(input.patch) }),
  output: z.strictObject({ job: jobShape }),
  async handle(core, { id, patch }) {
    return { job: await core.jobs.update(id, patch) };
  },
});

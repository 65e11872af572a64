import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobId, jobShape } from "../shapes/job.ts";

export const cronGet = defineRoute({
  name: "cron.get",
  verb: "GET",
  scope: "read",
  summary: "One job.",
  input: z.strictObject({ id: jobId }),
  output: z.strictObject({ job: jobShape }),
  async handle(core, { id }) {
    return { job: await core.jobs.get(id) };
  },
});

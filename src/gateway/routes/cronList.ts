import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobShape } from "../shapes/job.ts";

export const cronList = defineRoute({
  name: "cron.list",
  verb: "GET",
  scope: "read",
  summary: "All jobs.",
  input: z.strictObject({}),
  output: z.strictObject({ count: z.int(), jobs: z.array(jobShape) }),
  async handle(core) {
    const jobs = await core.jobs.list();
    return { count: jobs.length, jobs };
  },
});

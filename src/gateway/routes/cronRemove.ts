import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobId } from "../shapes/job.ts";

export const cronRemove = defineRoute({
  name: "cron.remove",
  verb: "POST",
  scope: "write",
  summary: "Removes a job. A run it has started goes on.",
  input: z.strictObject({ id: jobId }),
  output: z.strictObject({ id: z.string(), removed: z.literal(true) }),
  async handle(core, { id }) {
    await core.jobs.remove(id);
    return { id, removed: true as const };
  },
});

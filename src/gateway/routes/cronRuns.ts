import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobId, slotShape } from "../shapes/job.ts";

export const cronRuns = defineRoute({
  name: "cron.runs",
  verb: "GET",
  scope: "read",
  summary: "Past firings of one job or of all, newest first.",
  input: z.strictObject({ id: jobId.optional(), limit: z.int().min(1).max(500).default(50) }),
  output: z.strictObject({ count: z.int(), runs: z.array(slotShape) }),
  async handle(core, { id, limit }) {
    if (id !== undefined) await core.jobs.get(id);
    const runs = await core.jobs.slots({ limit, ...(id === undefined ? {} : { jobId: id }) });
    return { count: runs.length, runs };
  },
});

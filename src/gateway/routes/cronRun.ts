import * as z from "zod";
import { defineRoute } from "../route.ts";
import { jobId, slotShape } from "../shapes/job.ts";

export const cronRun = defineRoute({
  name: "cron.run",
  verb: "POST",
  scope: "write",
  summary: "Fires a job now, without moving its next slot.",
  input: z.strictObject({ id: jobId }),
  output: z.strictObject({
    id: z.string(),
    runId: z.string().nullable(),
    sessionKey: z.string().nullable(),
    run: slotShape,
  }),
  async handle(core, { id }) {
    const slot = await core.jobs.run(id);
    return { id, runId: slot.runId ?? null, sessionKey: slot.sessionKey ?? null, run: slot };
  },
});

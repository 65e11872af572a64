import * as z from "zod";
import { defineRoute } from "../route.ts";
import { nameRunId, runId } from "../shapes/run.ts";

export const runsCancel = defineRoute({
  name: "runs.cancel",
  verb: "POST",
  scope: "write",
  summary: "Cancels a run.",
  input: z.strictObject({ runId }),
  prepare: nameRunId,
  output: z.strictObject({ runId: z.string(), cancelled: z.boolean().describe("False when it had ended already.") }),
  async handle(core, { runId }) {
    // Looked up first, so that a run that never was is a 404 and not a "had ended".
    await core.runs.get(runId);
    return { runId, cancelled: await core.runs.cancel(runId) };
  },
});

import * as z from "zod";
import { defineRoute } from "../route.ts";
import { nameRunId, runId, runShape, toRun } from "../shapes/run.ts";

export const runsGet = defineRoute({
  name: "runs.get",
  verb: "GET",
  scope: "read",
  summary: "One run, with its outcome when it has ended.",
  input: z.strictObject({ runId }),
  prepare: nameRunId,
  output: z.strictObject({ run: runShape }),
  async handle(core, { runId }) {
    return { run: toRun(await core.runs.get(runId)) };
  },
});

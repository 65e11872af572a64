import * as z from "zod";
import { defineRoute } from "../route.ts";
import { nameRunId, runId, runShape, toRun } from "../shapes/run.ts";

export const runsWait = defineRoute({
  name: "runs.wait",
  verb: "GET",
  scope: "read",
  summary: "Waits until a run has ended. 202 with the run as it is when the wait ends first.",
  input: z.strictObject({ runId, timeoutSeconds: z.number().min(0).max(3600).default(120) }),
  prepare: nameRunId,
  output: z.strictObject({ status: z.enum(["ok", "accepted"]), run: runShape }),
  status: (output) => (output.status === "accepted" ? 202 : 200),
  async handle(core, { runId, timeoutSeconds }, call) {
    const record = await core.runs.wait(runId, timeoutSeconds * 1000, call.signal);
    return { status: record.state === "finished" ? ("ok" as const) : ("accepted" as const), run: toRun(record) };
  },
});

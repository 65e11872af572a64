import { defined } from "../../../base/defined.ts";
import * as z from "zod";
import { defineRoute } from "../../calls/route.ts";
import { runShape, runStateShape, runId } from "../../../protocol/run.ts";
import { runReportShape } from "../../../protocol/written/runReport.ts";
import { attachmentShape } from "../../../protocol/message.ts";
import { toRun } from "../../calls/toRun.ts";
import { sessionKey } from "../../../protocol/session.ts";

export const runsList = defineRoute({
  name: "runs.list",
  verb: "GET",
  scope: "read",
  phone: "read",
  summary: "Lists runs, newest first.",
  input: z.strictObject({
    sessionKey: sessionKey.optional(),
    states: z.array(runStateShape).optional(),
    limit: z.int().min(1).max(500).default(50),
  }),
  output: z.strictObject({ count: z.int(), runs: z.array(runShape) }),
  async handle(core, { sessionKey, states, limit }) {
    if (sessionKey !== undefined) await core.sessions.get(sessionKey);
    const runs = await core.runs.list({ limit, sessionKey, ...(states?.length ? { states } : {}) });
    return { count: runs.length, runs: runs.map(toRun) };
  },
});

export const runsGet = defineRoute({
  name: "runs.get",
  verb: "GET",
  scope: "read",
  summary: "One run, with its outcome when it has ended.",
  input: z.strictObject({ runId }),
  prepare: nameRunId,
  output: z.strictObject({
    run: runShape,
    attachments: z.array(attachmentShape).optional().describe("What its message was sent with."),
  }),
  async handle(core, { runId }) {
    const run = await core.runs.get(runId);
    const { attachments } = run.input.role === "user" ? run.input : {};
    return { run: toRun(run), ...defined({ attachments }) };
  },
});

export const runsReport = defineRoute({
  name: "runs.report",
  verb: "GET",
  scope: "read",
  summary:
    "What a run did, cost, was refused and answered, as values and as Markdown. Nothing that tools read or wrote is in it, and no secrets.",
  input: z.strictObject({ runId }),
  prepare: nameRunId,
  output: z.strictObject({ report: runReportShape, markdown: z.string() }),
  handle: (core, { runId }) => core.reports.of(runId),
});

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

export const runsCancel = defineRoute({
  name: "runs.cancel",
  verb: "POST",
  scope: "write",
  phone: "approvals",
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

/** Takes `id` for `runId`, as the routes of other things name theirs. */
function nameRunId({ id, ...input }: Record<string, unknown>): Record<string, unknown> {
  return id === undefined || "runId" in input ? { ...input, ...defined({ id }) } : { ...input, runId: id };
}

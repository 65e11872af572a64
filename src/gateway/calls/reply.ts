import * as z from "zod";
import { AppError, fromErrorBody, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { Core } from "../../core/core.ts";
import type { Run } from "../../core/services/submittedRun.ts";
import type { RunOutcome } from "../../protocol/run.ts";
import { toUsage, usageShape } from "../../protocol/usage.ts";

/** In seconds. */
export const replyTimeout = z
  .number()
  .min(0)
  .max(3600)
  .default(120)
  .describe("How long to wait for the reply; the run goes on after it.");

/** What a run that was waited for came to. */
export const replyShape = z.strictObject({
  status: z.literal("ok"),
  runId: z.string(),
  sessionKey: z.string(),
  reply: z.string(),
  result: z.unknown().optional().describe("The value that it is, where an `outputSchema` was given."),
  model: z.string(),
  usage: usageShape,
  durationMs: z.number().min(0),
  cached: z
    .literal(true)
    .optional()
    .describe("An earlier answer to the same request: `runId` and `sessionKey` are of its run."),
});

/** The wait ended first; the run goes on. */
export const acceptedShape = z.strictObject({
  status: z.literal("accepted"),
  runId: z.string(),
  sessionKey: z.string(),
  reply: z.null(),
});

export function toAccepted(run: Pick<Run, "id" | "sessionKey">): z.output<typeof acceptedShape> {
  return { status: "accepted", runId: run.id, sessionKey: run.sessionKey, reply: null };
}

/**
 * The reply of a run that an earlier call began; what that had told where it takes longer, or the run has gone with its session. Rejects
 * as `outcomeOf` does when it waits for a store that takes nothing.
 */
export async function laterReply<Begun extends { runId: string; sessionKey: string }>(
  core: Core,
  begun: Begun,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<z.output<typeof replyShape> | Begun> {
  // It never asked for the reply: a run that failed meanwhile is no failure of its own.
  if (timeoutMs === 0) return begun;
  const { runId: id, sessionKey } = begun;
  const startedAt = core.clock.now();
  const record = await core.runs.waitOrStuck(id, timeoutMs, signal).catch((error: unknown) => {
    if (!isAppError(error) || error.code !== "not_found") throw error;
  });
  return record?.outcome ? toReply(core, { id, sessionKey }, record.outcome, startedAt) : begun;
}

/** How the run ends. Rejects with `unavailable` when it waits for a store that takes nothing: who waits for it is not to wait for that. */
export function outcomeOf({ outcome, stuck }: Pick<Run, "outcome" | "stuck">): Promise<RunOutcome> {
  return Promise.race([
    outcome,
    stuck.then((error) => {
      throw error;
    }),
  ]);
}

/** Throws the AppError that a run which did not get done stands for. */
export async function toReply(
  core: Core,
  run: Pick<Run, "id" | "sessionKey">,
  outcome: RunOutcome,
  startedAt: number,
): Promise<z.output<typeof replyShape>> {
  const { reply, result } = doneOf(outcome, run);
  const record = await core.runs.get(run.id);
  return {
    status: "ok",
    runId: run.id,
    sessionKey: run.sessionKey,
    reply,
    ...defined({ result }),
    model: record.answeredBy ?? record.model,
    usage: toUsage(record.usage),
    durationMs: Math.max(0, core.clock.now() - startedAt),
  };
}

function doneOf(outcome: RunOutcome, run: Pick<Run, "id">): Extract<RunOutcome, { type: "done" }> {
  if (outcome.type === "done") return outcome;
  if (outcome.type === "failed") throw fromErrorBody(outcome.error);
  if (outcome.type === "timed_out")
    throw new AppError("timed_out", `Run ${run.id} passed its time limit and was cancelled`);
  if (outcome.type === "cancelled") throw new AppError("conflict", `Run ${run.id} was cancelled`);
  throw new AppError("unavailable", `Run ${run.id} was interrupted when its gateway went away`);
}

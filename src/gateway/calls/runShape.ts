import * as z from "zod";
import type { RunRecord } from "../../protocol/run.ts";
import { errorShape } from "./errorShape.ts";
import { originShape } from "../../protocol/shapes/originShape.ts";
import { toUsage, usageShape } from "../../protocol/shapes/usageShape.ts";

export const outcomeShape = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("done"), reply: z.string() }),
  z.strictObject({ type: z.literal("cancelled"), reply: z.string() }),
  z.strictObject({ type: z.literal("timed_out"), reply: z.string() }),
  z.strictObject({ type: z.literal("interrupted"), reply: z.string() }),
  z.strictObject({ type: z.literal("failed"), error: errorShape }),
]);

export const runStateShape = z.enum(["queued", "running", "finished"]);

export const runShape = z.strictObject({
  runId: z.string(),
  sessionKey: z.string(),
  state: runStateShape,
  origin: originShape,
  model: z.string().describe("The one that answered last, where a fallback took over."),
  outcome: outcomeShape.nullable().describe("How it ended; null while it goes on."),
  usage: usageShape,
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
});

export function toRun(run: RunRecord): z.output<typeof runShape> {
  return {
    runId: run.id,
    sessionKey: run.sessionKey,
    state: run.state,
    origin: run.origin,
    model: run.answeredBy ?? run.model,
    outcome: run.outcome ?? null,
    usage: toUsage(run.usage),
    createdAt: run.createdAt,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
  };
}

export const runId = z.string().min(1).max(200).describe("Id of a run.");

/** Takes `id` for `runId`, as the routes of other things name theirs. */
export function nameRunId({ id, ...input }: Record<string, unknown>): Record<string, unknown> {
  return id === undefined || "runId" in input
    ? { ...input, ...(id === undefined ? {} : { id }) }
    : { ...input, runId: id };
}

import type * as z from "zod";
import { defined } from "../../base/defined.ts";
import { carriedBy, type RunRecord, type runShape } from "../../protocol/run.ts";
import { toUsage } from "../../protocol/usage.ts";

export function toRun(run: RunRecord): z.output<typeof runShape> {
  return {
    runId: run.id,
    sessionKey: run.sessionKey,
    state: run.state,
    origin: run.origin,
    ...(run.state === "queued" ? { queued: run.input.text, ...defined({ carries: carriedBy(run) }) } : {}),
    ...defined({ plan: run.plan }),
    model: run.answeredBy ?? run.model,
    outcome: run.outcome ?? null,
    usage: toUsage(run.usage),
    createdAt: run.createdAt,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
  };
}

import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import type { CachedResponse, Core, Run } from "../../core/core.ts";
import { NO_USAGE } from "../../core/models/usageSum.ts";
import type { RunOutcome, SendRequest } from "../../protocol/run.ts";

export const cacheShape = z
  .strictObject({ ttlSeconds: z.int().min(1).max(86_400).describe("The oldest answer to take.") })
  .optional()
  .describe(
    "Takes the answer to an identical request (model, text, instructions, tools, session) in place of a new run, and keeps the new one. What the session held is not compared, and nothing is added to it.",
  );

export type CacheOption = z.output<typeof cacheShape>;

/** An answer to the same request as before, or a way to keep the one that comes. */
export async function lookUp(core: Core, request: SendRequest, cache: CacheOption) {
  if (!cache) return { keep: async () => {} };
  const key = await core.responses.keyOf(request);
  return {
    found: await core.responses.get(key, cache.ttlSeconds * 1000),
    /** Resolves when the run has ended and its answer is kept, whoever still waits for it. Never rejects. */
    keep: (run: Run): Promise<void> =>
      run.outcome
        .then((outcome) => put(core, key, run, outcome))
        .catch((error: unknown) =>
          core.log.warn("An answer could not be kept", { runId: run.id, error: describeError(error) }),
        ),
  };
}

/** What a request that needed no run is answered: nothing was asked, so nothing was used. */
export function toCachedReply(core: Core, { runId, sessionKey, reply, model }: CachedResponse, startedAt: number) {
  const durationMs = Math.max(0, core.clock.now() - startedAt);
  return { status: "ok" as const, runId, sessionKey, reply, model, usage: NO_USAGE, durationMs, cached: true as const };
}

async function put(core: Core, key: string, run: Run, outcome: RunOutcome): Promise<void> {
  if (outcome.type !== "done") return;
  const { model, answeredBy } = await core.runs.get(run.id);
  const { id: runId, sessionKey } = run;
  await core.responses.put(key, { runId, sessionKey, reply: outcome.reply, model: answeredBy ?? model });
}

/** A kept answer has no events to stream. */
export function refuseCachedStream(cache: CacheOption): void {
  if (cache)
    throw new AppError("bad_request", "A request with `cache` is answered as a whole: ask without the event stream");
}

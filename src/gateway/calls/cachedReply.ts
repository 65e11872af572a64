import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { Asked, CachedResponse } from "../../core/services/responseService.ts";
import type { Core } from "../../core/core.ts";
import type { Run } from "../../core/services/submittedRun.ts";
import { NO_USAGE } from "../../core/models/usageSum.ts";
import type { SendRequest } from "../../protocol/run.ts";

export const cacheShape = z
  .strictObject({ ttlSeconds: z.int().min(1).max(86_400).describe("The oldest answer to take.") })
  .optional()
  .describe(
    "Takes the answer to an identical request (model, text, instructions, agent, tools, grants, session), or waits for the one under way, in place of a new run, and keeps the new one. What the session held is not compared, and nothing is added to it; a reset forgets its answers.",
  );

export type CacheOption = z.output<typeof cacheShape>;

/** Asks, unless the same request has an answer already or is under way. */
export async function askOnce(
  core: Core,
  request: SendRequest,
  cache: CacheOption,
  ask: () => Promise<Run>,
): Promise<Asked> {
  if (cache) return core.responses.ask(request, cache.ttlSeconds * 1000, ask);
  return { run: await ask(), stored: Promise.resolve(undefined), isOwn: true };
}

/** What a request that needed no run is answered: nothing was asked, so nothing was used. */
export function toCachedReply(core: Core, found: CachedResponse, startedAt: number) {
  const durationMs = Math.max(0, core.clock.now() - startedAt);
  return { status: "ok" as const, ...found, usage: NO_USAGE, durationMs, cached: true as const };
}

/** A cached reply has no events to stream. */
export function refuseCachedStream(cache: CacheOption): void {
  if (cache)
    throw new AppError("bad_request", "A request with `cache` is answered as a whole: ask without the event stream");
}

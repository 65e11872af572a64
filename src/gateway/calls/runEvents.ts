import type { Core } from "../../core/core.ts";
import type { Run } from "../../core/services/submittedRun.ts";
import type { GatewayEvent } from "../../protocol/event.ts";

/** A run's events from its first to its run.finished, as many at once as wait. `sinceId` was the newest id before it was submitted. */
export async function* runEvents(
  core: Core,
  run: Run,
  sinceId: number,
  signal: AbortSignal,
): AsyncGenerator<GatewayEvent[]> {
  for await (const events of core.events.subscribe({ runId: run.id, afterId: sinceId }, signal)) {
    const end = events.findIndex(({ type }) => type === "run.finished");
    yield end < 0 ? events : events.slice(0, end + 1);
    if (end >= 0) return;
  }
}

import type { Core, Run } from "../../core/core.ts";
import type { GatewayEvent } from "../../protocol/event.ts";

/** A run's events from its first to its run.finished. `sinceId` was the newest id before it was submitted. */
export async function* runEvents(
  core: Core,
  run: Run,
  sinceId: number,
  signal: AbortSignal,
): AsyncGenerator<GatewayEvent> {
  for await (const event of core.events.subscribe({ runId: run.id, afterId: sinceId }, signal)) {
    yield event;
    if (event.type === "run.finished") return;
  }
}

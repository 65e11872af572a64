import type { GatewayEvent, RunEvent } from "./event.ts";

// Apart from the schemas in event.ts, so that the panel can use these without zod.

/** Deltas live in memory until their message is stored. */
export function isDelta(fact: { type: string }): boolean {
  return fact.type === "text.delta" || fact.type === "thinking.delta" || fact.type === "tool.progress";
}

export function isRunEvent(event: GatewayEvent): event is RunEvent {
  return "runId" in event;
}

/** Where an event is in the stream, as a client may resume after it: "41", or "41.7" for what is not stored. */
export function placeOf({ id, part }: { id: number; part?: number }): string {
  return part === undefined ? String(id) : `${id}.${part}`;
}

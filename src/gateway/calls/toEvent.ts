import type { GatewayEvent } from "../../protocol/event.ts";

/** The event as clients see it: without the provider's own form of a message. */
export function toEvent(event: GatewayEvent): GatewayEvent {
  if (event.type !== "message" || event.message.role !== "assistant" || event.message.native === undefined)
    return event;
  const { native: _, ...message } = event.message;
  return { ...event, message };
}

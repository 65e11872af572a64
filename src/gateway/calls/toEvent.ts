import type { GatewayEvent } from "../../protocol/event.ts";

// The same object for each reader of an event, so that what is made of it is made once.
const known = new WeakMap<GatewayEvent, GatewayEvent>();

/** The event as clients see it: without the provider's own form of a message. */
export function toEvent(event: GatewayEvent): GatewayEvent {
  if (event.type !== "message" || event.message.role !== "assistant" || event.message.native === undefined)
    return event;
  let told = known.get(event);
  if (!told) {
    const { native: _, ...message } = event.message;
    told = { ...event, message };
    known.set(event, told);
  }
  return told;
}

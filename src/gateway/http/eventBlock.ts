import { sharedJson } from "../../base/sharedJson.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { placeOf } from "../../protocol/eventKind.ts";
import { toEvent } from "../calls/toEvent.ts";

/** As long as the event is held by anybody: a thousand readers of one event hold its bytes once. */
const known = new WeakMap<GatewayEvent, Buffer>();

/** The event in the form of an EventSource: `id` to resume after, `event` and JSON `data`. */
export function toEventBlock(event: GatewayEvent): Buffer {
  let block = known.get(event);
  if (!block) {
    block = Buffer.from(`id: ${placeOf(event)}\nevent: ${event.type}\ndata: ${sharedJson(toEvent(event))}\n\n`);
    known.set(event, block);
  }
  return block;
}

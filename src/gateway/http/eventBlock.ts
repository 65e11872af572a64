import { sharedJson } from "../../base/oncePer.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { placeOf } from "../../protocol/eventKind.ts";
import { toEvent } from "../calls/toEvent.ts";

/** As long as the event is held by anybody: a thousand readers of one event hold its bytes once. */
const known = new WeakMap<GatewayEvent, Buffer>();
/** By the first of them: readers that wait for the same are given the same bytes in one. */
const knownTogether = new WeakMap<GatewayEvent, { events: GatewayEvent[]; bytes: Buffer }>();

// Together, more than this would be copied for little.
const MOST_BYTES = 16 * 1024;

/** The event in the form of an EventSource: `id` to resume after, `event` and JSON `data`. */
export function toEventBlock(event: GatewayEvent): Buffer {
  let block = known.get(event);
  if (!block) {
    block = Buffer.from(`id: ${placeOf(event)}\nevent: ${event.type}\ndata: ${sharedJson(toEvent(event))}\n\n`);
    known.set(event, block);
  }
  return block;
}

/** The blocks of all events, in as few pieces as it takes. Each is made when it is asked for. */
export function* toEventBlocks(events: GatewayEvent[]): Generator<Buffer> {
  const [first] = events;
  if (!first) return;
  const before = knownTogether.get(first);
  if (before && isSame(before.events, events)) return void (yield before.bytes);
  let at = 0;
  while (at < events.length) {
    const blocks: Buffer[] = [];
    let bytes = 0;
    const from = at;
    while (at < events.length && (at === from || bytes < MOST_BYTES)) {
      const block = toEventBlock(events[at]!);
      blocks.push(block);
      bytes += block.length;
      at += 1;
    }
    const whole = blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
    if (from === 0 && at === events.length) knownTogether.set(first, { events, bytes: whole });
    yield whole;
  }
}

function isSame(events: GatewayEvent[], others: GatewayEvent[]): boolean {
  return events.length === others.length && events.every((event, at) => event === others[at]);
}

import { sharedJson } from "../../net/sharedJson.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { placeOf } from "../../protocol/eventKind.ts";
import { toEvent } from "../calls/toEvent.ts";

/** Several events in one piece, which readers that wait for the same are given in common. */
interface Chunk {
  events: GatewayEvent[];
  bytes: Buffer;
}

// Together, more than this would be copied for little.
const MOST_CHARS = 16 * 1024;

/** Made last. Readers are woken by turns and wait for much the same, and what is older nobody asks for soon. */
const lately: Chunk[] = [];
const MOST_LATELY = 16;

/**
 * The blocks of all events, in the form of an EventSource: `id` to resume after, `event` and JSON `data`. In as few pieces as
 * it takes, each made when it is asked for; a long event's JSON is a piece of its own, one for all readers.
 */
export function* toEventBlocks(events: GatewayEvent[]): Generator<Buffer> {
  for (let at = 0; at < events.length;) {
    const json = sharedJson(toEvent(events[at]!));
    if (typeof json !== "string") {
      yield Buffer.from(headOf(events[at]!));
      yield json;
      yield END;
      at += 1;
      continue;
    }
    const { events: taken, bytes } = chunkAt(events, at);
    yield bytes;
    at += taken.length;
  }
}

const END = Buffer.from("\n\n");

function headOf(event: GatewayEvent): string {
  return `id: ${placeOf(event)}\nevent: ${event.type}\ndata: `;
}

/** As many short events as go together; those that were put together for others already, where there are such. */
function chunkAt(events: GatewayEvent[], at: number): Chunk {
  const known = lately.filter((chunk) => chunk.events.every((event, index) => event === events[at + index]));
  if (known.length > 0) return known.reduce((a, b) => (b.events.length > a.events.length ? b : a));
  let text = "";
  let end = at;
  for (; end < events.length && text.length < MOST_CHARS; end += 1) {
    const json = sharedJson(toEvent(events[end]!));
    if (typeof json !== "string") break;
    text += `${headOf(events[end]!)}${json}\n\n`;
  }
  const chunk = { events: events.slice(at, end), bytes: Buffer.from(text) };
  lately.unshift(chunk);
  lately.splice(MOST_LATELY);
  return chunk;
}

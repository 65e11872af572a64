import type { Readable } from "node:stream";
import { createParser } from "eventsource-parser";
import { AppError } from "../base/appError.ts";
import type { GatewayEvent } from "../protocol/event.ts";

// An event holds a whole message at most.
const LARGEST_EVENT = 64 * 1024 * 1024;

/** The events of a server-sent stream. Comments, which only keep it open, are left out. */
export async function* readEvents(stream: Readable): AsyncGenerator<GatewayEvent> {
  const read: GatewayEvent[] = [];
  const parser = createParser({
    maxBufferSize: LARGEST_EVENT,
    onEvent: ({ data }) => read.push(JSON.parse(data) as GatewayEvent),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") throw error;
    },
  });
  try {
    for await (const chunk of stream.setEncoding("utf8")) {
      parser.feed(String(chunk));
      yield* read.splice(0);
    }
  } catch (error) {
    throw new AppError("unavailable", "The gateway went away in the middle of the stream", { cause: error });
  }
}

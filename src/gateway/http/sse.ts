import type { ServerResponse } from "node:http";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { commonHeaders } from "./respond.ts";
import { toEvent } from "../calls/toEvent.ts";

export interface SseOptions {
  clock: Clock;
  requestId: string;
  /** Ends the stream; its reason is told in a comment. */
  signal: AbortSignal;
}

const HEARTBEAT_MS = 15_000;
/** A client that has this much unread is waited for; one that reads nothing for so long is cut, and resumes. */
const UNREAD_LIMIT = 256 * 1024;
const STALL_LIMIT_MS = 15_000;

/** Writes events as they come, in the form of an EventSource: `id` to resume after, `event` and JSON `data`. */
export async function streamEvents(
  response: ServerResponse,
  events: AsyncIterable<GatewayEvent>,
  options: SseOptions,
): Promise<void> {
  const { clock, signal } = options;
  response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",
    ...commonHeaders(options.requestId),
  });
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  response.write("retry: 1000\n\n");
  const heartbeat = repeat(clock, HEARTBEAT_MS, () => {
    if (response.writableLength < UNREAD_LIMIT) response.write(": still here\n\n");
  });
  try {
    for await (const event of events) {
      if (signal.aborted || response.destroyed) break;
      response.write(toText(toEvent(event)));
      // Not pulling is what lets the core drop deltas for this reader.
      if (response.writableLength > UNREAD_LIMIT && !(await drained(response, clock, signal))) {
        response.destroy();
        return;
      }
    }
    if (signal.aborted) response.write(`: closed, ${String(signal.reason)}\n\n`);
    response.end();
  } finally {
    heartbeat.dispose();
  }
}

function toText(event: GatewayEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function drained(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (result: boolean) => {
      limit.dispose();
      response.off("drain", onDrain);
      response.off("close", onGone);
      signal.removeEventListener("abort", onGone);
      resolve(result);
    };
    const onDrain = () => done(true);
    const onGone = () => done(false);
    const limit = clock.at(clock.now() + STALL_LIMIT_MS, onGone);
    response.once("drain", onDrain);
    response.once("close", onGone);
    signal.addEventListener("abort", onGone, { once: true });
  });
}

function repeat(clock: Clock, everyMs: number, fn: () => void): Disposable {
  let next = clock.at(clock.now() + everyMs, tick);
  function tick() {
    fn();
    next = clock.at(clock.now() + everyMs, tick);
  }
  return { dispose: () => next.dispose() };
}

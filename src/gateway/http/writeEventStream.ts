import type { ServerResponse } from "node:http";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { StreamReply } from "./endpoint.ts";
import { within } from "../../base/wait.ts";

export interface EventStreamOptions {
  clock: Clock;
  headers: Record<string, string>;
  /** Ends the stream; its reason is told in a comment. */
  signal: AbortSignal;
}

const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing of what was written for so long is cut, and resumes. */
const STALL_LIMIT_MS = 15_000;
/** A long event goes out in pieces, so that a slow reader is told from one that reads nothing. */
const PIECE = 16 * 1024;

/**
 * Writes the blocks of an event stream as they come, and never more than the reader takes: not pulling is what lets the
 * core drop deltas for it. Rejects with what is thrown before the first block; nothing was sent then.
 */
export async function writeEventStream(
  response: ServerResponse,
  { events, endsItself }: StreamReply,
  { clock, headers, signal }: EventStreamOptions,
): Promise<void> {
  const batches = events[Symbol.asyncIterator]();
  const first = await batches.next();
  let heartbeat: Disposable | undefined;
  try {
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "X-Accel-Buffering": "no",
      ...headers,
    });
    if (response.req.method === "HEAD") return void response.end();
    heartbeat = repeat(clock, HEARTBEAT_MS, () => {
      if (!response.writableNeedDrain) response.write(": still here\n\n");
    });
    for (let next = first; !next.done; next = await batches.next()) {
      if ((signal.aborted && !endsItself) || response.destroyed) break;
      // What is written without a pause in between leaves in one piece.
      for (const piece of toPieces(next.value)) {
        const isRead = response.write(piece) || (await drained(response, clock, signal));
        if (!isRead) return void response.destroy();
      }
    }
    if (signal.aborted) response.write(`: closed, ${String(signal.reason)}\n\n`);
    response.end();
  } finally {
    heartbeat?.dispose();
    await batches.return?.();
  }
}

function* toPieces(blocks: Iterable<string | Buffer>): Generator<Buffer> {
  for (const block of blocks) {
    const bytes = typeof block === "string" ? Buffer.from(block) : block;
    for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  }
}

/** False when the reader has gone, or has read nothing for too long. */
async function drained(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const end = Promise.withResolvers<boolean>();
  const onDrain = () => end.resolve(true);
  const onClose = () => end.resolve(false);
  response.once("drain", onDrain);
  response.once("close", onClose);
  const isDrained = await within(clock, STALL_LIMIT_MS, end.promise, signal);
  response.off("drain", onDrain);
  response.off("close", onClose);
  return isDrained ?? false;
}

function repeat(clock: Clock, everyMs: number, fn: () => void): Disposable {
  let next = clock.at(clock.now() + everyMs, tick);
  function tick() {
    fn();
    next = clock.at(clock.now() + everyMs, tick);
  }
  return { dispose: () => next.dispose() };
}

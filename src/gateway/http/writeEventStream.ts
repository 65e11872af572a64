import type { ServerResponse } from "node:http";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { every } from "../../base/wait.ts";
import type { StreamReply } from "./endpoint.ts";
import { writePieces } from "./writePieces.ts";

export interface EventStreamOptions {
  clock: Clock;
  headers: Record<string, string>;
  /** Ends the stream; its reason is told in a comment. */
  signal: AbortSignal;
}

const HEARTBEAT_MS = 15_000;

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
    heartbeat = every(clock, HEARTBEAT_MS, () => {
      if (!response.writableNeedDrain) response.write(": still here\n\n");
    });
    for (let next = first; !next.done; next = await batches.next()) {
      if ((signal.aborted && !endsItself) || response.destroyed) break;
      // Who is cut resumes.
      if (!(await writePieces(response, next.value, { clock, signal }))) return void response.destroy();
    }
    if (signal.aborted) response.write(`: closed, ${String(signal.reason)}\n\n`);
    response.end();
  } finally {
    heartbeat?.dispose();
    await batches.return?.();
  }
}

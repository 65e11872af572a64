import type { ServerResponse } from "node:http";
import { isAppError, toErrorBody } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Disposable } from "../../../base/disposable.ts";
import { commonHeaders } from "../../http/respond.ts";

/** Server-sent events of an answer that has begun. */
export interface EventStream {
  /** Begins the answer when it has not begun. */
  send(data: unknown, event?: string): void;
  /** Ends it. */
  end(): void;
}

const HEARTBEAT_MS = 15_000;

export function createEventStream(
  response: ServerResponse,
  { clock, requestId }: { clock: Clock; requestId: string },
): EventStream & Disposable {
  let heartbeat: Disposable | undefined;
  const beat = () => {
    response.write(": still here\n\n");
    heartbeat = clock.at(clock.now() + HEARTBEAT_MS, beat);
  };
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "X-Accel-Buffering": "no",
      ...commonHeaders(requestId),
    });
    heartbeat = clock.at(clock.now() + HEARTBEAT_MS, beat);
  };
  return {
    send(data, event) {
      begin();
      response.write(`${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
    },
    end() {
      heartbeat?.dispose();
      response.end("data: [DONE]\n\n");
    },
    dispose: () => heartbeat?.dispose(),
  };
}

/** For an error after the answer has begun: what can still be told of it. Rethrows what is no AppError. */
export function toStreamError(error: unknown, response: ServerResponse) {
  if (!isAppError(error) || !response.headersSent) throw error;
  return toErrorBody(error);
}

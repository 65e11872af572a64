import { toErrorBody } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { STATUS_OF } from "../calls/errorStatus.ts";
import type { CallRecord } from "../calls/routeCaller.ts";
import type { Endpoint, Exchange, StreamReply } from "./endpoint.ts";

export interface AuditedOptions {
  clock: Clock;
  onCall?: ((record: CallRecord) => void) | undefined;
}

/** The endpoint, with every request to it told for the audit log under its name: a stream when it has ended. */
export function toAudited(endpoint: Endpoint, { clock, onCall }: AuditedOptions): Endpoint {
  const { name } = endpoint;
  if (name === undefined || !onCall) return endpoint;
  const tell = (exchange: Exchange, startedAt: number, end: { status: number; code?: string }) => {
    const { requestId, origin, detail, input } = exchange;
    const method = detail === undefined ? name : `${name} ${detail}`;
    onCall({ requestId, origin, method, durationMs: clock.now() - startedAt, input, ...end });
  };
  return {
    ...endpoint,
    async handle(exchange) {
      const startedAt = clock.now();
      const failed = (error: unknown) => {
        const { code } = toErrorBody(error);
        tell(exchange, startedAt, { status: STATUS_OF[code], code });
      };
      const done = (status: number) => tell(exchange, startedAt, { status });
      try {
        const reply = await endpoint.handle(exchange);
        if ("events" in reply) return { ...reply, events: watched(reply.events, done, failed) };
        done(reply.status ?? 200);
        return reply;
      } catch (error) {
        failed(error);
        throw error;
      }
    },
  };
}

async function* watched(
  events: StreamReply["events"],
  done: (status: number) => void,
  failed: (error: unknown) => void,
): StreamReply["events"] {
  let error: unknown;
  try {
    yield* events;
  } catch (thrown) {
    error = thrown ?? new Error("A stream ended without a reason");
    throw thrown;
  } finally {
    if (error === undefined) done(200);
    else failed(error);
  }
}

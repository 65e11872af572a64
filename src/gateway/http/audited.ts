import { toErrorBody } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Endpoint, Exchange } from "./endpoint.ts";
import type { CallRecord } from "../calls/routeCaller.ts";
import { STATUS_OF } from "../calls/errorStatus.ts";

export interface AuditedOptions {
  clock: Clock;
  onCall?: ((record: CallRecord) => void) | undefined;
}

/** The endpoint, with every request to it told for the audit log under its name. */
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
      try {
        await endpoint.handle(exchange);
      } catch (error) {
        const { code } = toErrorBody(error);
        tell(exchange, startedAt, { status: STATUS_OF[code], code });
        throw error;
      }
      tell(exchange, startedAt, { status: exchange.response.statusCode });
    },
  };
}

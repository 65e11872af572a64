import type { Core } from "../../core/core.ts";
import type { Exchange } from "../http/endpoint.ts";
import type { Answer, Idempotency } from "../calls/idempotency.ts";
import type { AnyRoute } from "../calls/route.ts";
import { checkKey, type RouteCaller } from "../calls/routeCaller.ts";

/** What doors for other clients are built over. */
export interface CompatContext {
  core: Core;
  caller: RouteCaller;
  routes: ReadonlyMap<string, AnyRoute>;
  idempotency: Idempotency;
  version: string;
}

/** Does `work` once for the request's Idempotency-Key, when it has one; what `work` throws is not kept. */
export function once(
  { idempotency }: CompatContext,
  exchange: Exchange,
  call: unknown,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const key = checkKey(exchange.headers.get("idempotency-key"));
  if (key === undefined) return work();
  const { origin, path, signal } = exchange;
  return idempotency.once({ key: `${origin.id ?? origin.via}:${key}`, call: [path, call], signal, work });
}

/** Calls a route in the name of who sent the request; the answer may be an error. */
export function callRoute(
  { caller, routes }: CompatContext,
  { requestId, origin, principal, signal }: Exchange,
  name: string,
  input: Record<string, unknown>,
): Promise<Answer> {
  return caller.call({ route: routes.get(name)!, input, requestId, origin, scope: principal!.scope, signal });
}

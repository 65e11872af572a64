import type { Core } from "../../core/core.ts";
import type { Idempotency } from "../calls/idempotency.ts";
import type { AnyRoute } from "../calls/route.ts";
import { checkKey, type RouteCaller } from "../calls/routeCaller.ts";
import type { Exchange } from "../http/endpoint.ts";
import type { Routes } from "../routes/routeTable.ts";

/** What doors for other clients are built over. */
export interface CompatContext {
  core: Core;
  caller: RouteCaller;
  routes: ReadonlyMap<string, AnyRoute>;
  idempotency: Idempotency;
  version: string;
}

/** Does `work` once for the request's Idempotency-Key, when it has one. */
export function once<Output>(
  { idempotency }: CompatContext,
  exchange: Exchange,
  call: unknown,
  work: () => Promise<Output>,
): Promise<Output> {
  const key = checkKey(exchange.headers.get("idempotency-key"));
  if (key === undefined) return work();
  const { origin, path, signal } = exchange;
  return idempotency.once({ key: `${origin.id ?? origin.via}:${key}`, call: [path, call], signal, work });
}

/** Calls a route in the name of who sent the request. Rejects with what the route throws. */
export async function callRoute<Name extends keyof Routes>(
  { caller, routes }: CompatContext,
  { requestId, origin, principal, signal }: Exchange,
  name: Name,
  input: Record<string, unknown>,
): Promise<Routes[Name]["output"]> {
  const call = { route: routes.get(name)!, input, requestId, origin, scope: principal!.scope, signal };
  return (await caller.call(call)) as Routes[Name]["output"];
}

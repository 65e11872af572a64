import type { Lanes } from "../../base/turns/lanes.ts";
import type { Core } from "../../core/core.ts";
import type { IdempotencyRecord } from "../../core/ports/batch.ts";
import type { Idempotency } from "../calls/idempotency.ts";
import type { AnyRoute } from "../calls/route.ts";
import { checkKey, type RouteCall, type RouteCaller } from "../calls/routeCaller.ts";
import { defined } from "../../base/defined.ts";
import type { Exchange } from "../http/endpoint.ts";
import type { Routes } from "../routes/routeTable.ts";

/** What doors for other clients are built over. */
export interface CompatContext {
  core: Core;
  caller: RouteCaller;
  routes: ReadonlyMap<string, AnyRoute>;
  idempotency: Idempotency;
  /** Where requests that go on from one answer find their sessions, one after another. */
  followUps: Lanes;
  version: string;
}

/** What is to be put down with what a call does, should the gateway end before it answers; nothing without a key. */
export type KeepBegun = (begun: unknown) => IdempotencyRecord[];

/** One call of a door. See `Once`. */
interface DoorCall<Output> {
  call: unknown;
  work(keep: KeepBegun, isRepeat: boolean): Promise<Output>;
  goesOn(begun: unknown): Promise<boolean>;
  onUnkept?: () => void;
  goOn?: (begun: unknown) => Promise<Output>;
  isOngoing?: (output: Output) => boolean;
}

/** Does it once for the request's Idempotency-Key, when it has one. */
export function once<Output>(
  { idempotency }: CompatContext,
  exchange: Exchange,
  { call, work, goesOn, onUnkept, goOn, isOngoing }: DoorCall<Output>,
): Promise<Output> {
  const key = checkKey(exchange.headers.get("idempotency-key"));
  if (key === undefined) return work(() => [], false);
  const { origin, path, signal, gone } = exchange;
  return idempotency.once({
    key: `${origin.id ?? origin.via}:${key}`,
    call: [path, call],
    signal,
    gone,
    goesOn,
    work: (toRecord, isRepeat) => work((begun) => [toRecord(begun)], isRepeat),
    ...defined({ goOn, isOngoing, onUnkept }),
  });
}

/** Calls a route in the name of who sent the request; what `keep` makes of its answer is put down with what it does. Rejects with what the route throws. */
export async function callRoute<Name extends keyof Routes>(
  { caller, routes }: CompatContext,
  { requestId, origin, principal, signal }: Exchange,
  name: Name,
  input: Record<string, unknown>,
  keep?: (output: Routes[Name]["output"]) => IdempotencyRecord[],
): Promise<Routes[Name]["output"]> {
  const by = { requestId, origin, scope: principal!.scope, signal };
  const call = { route: routes.get(name)!, input, ...by, ...defined({ keep: keep as RouteCall["keep"] }) };
  return (await caller.call(call)) as Routes[Name]["output"];
}

import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { writeJson } from "./respond.ts";
import { readJsonBody } from "./body.ts";
import type { Connections } from "../auth/connections.ts";
import type { Endpoint, Exchange } from "./endpoint.ts";
import { accepts } from "../auth/headers.ts";
import { readQueryInput } from "../calls/queryInput.ts";
import { type AnyRoute, toPath } from "../calls/route.ts";
import type { RouteCall, RouteCaller } from "../calls/routeCaller.ts";
import { streamEvents } from "./sse.ts";

export interface ApiOptions {
  caller: RouteCaller;
  connections: Connections;
  clock: Clock;
}

/** The paths a route is served at. */
export function pathsOf(route: AnyRoute): string[] {
  return [route.path ?? toPath(route.name), ...(route.aliases ?? []).map(toPath)];
}

/** A route of the table as what the HTTP server answers with it. */
export function toEndpoints(route: AnyRoute, options: ApiOptions): Endpoint[] {
  if (route.http === "none") return [];
  return pathsOf(route).map((path) => ({
    path,
    verbs: [route.verb],
    scope: route.scope,
    handle: (exchange) => serve(route, exchange, options),
  }));
}

async function serve(route: AnyRoute, exchange: Exchange, options: ApiOptions): Promise<void> {
  const { headers, response, requestId, principal } = exchange;
  const streams =
    route.http === "stream" || (route.stream !== undefined && accepts(headers.get("accept"), "text/event-stream"));
  const idempotencyKey = headers.get("idempotency-key");
  const call: RouteCall = {
    route,
    input: await readInput(route, exchange),
    requestId,
    origin: exchange.origin,
    scope: principal!.scope,
    signal: exchange.signal,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  if (!streams) return writeJson(response, { ...(await options.caller.call(call)), requestId });

  const ending = new AbortController();
  const signal = AbortSignal.any([exchange.signal, ending.signal]);
  const connection = options.connections.add({ principal: principal!, close: (reason) => ending.abort(reason) });
  try {
    const result = await options.caller.stream({ ...call, signal });
    if ("answer" in result) writeJson(response, { ...result.answer, requestId });
    else await streamEvents(response, result.events, { clock: options.clock, requestId, signal });
  } finally {
    connection.dispose();
  }
}

async function readInput(route: AnyRoute, { request, query, headers }: Exchange): Promise<Record<string, unknown>> {
  const body = await readJsonBody(request);
  if (route.verb === "POST") {
    if (query !== "") throw new AppError("bad_request", "A POST takes its fields in the JSON body, not in the query");
    return body ?? {};
  }
  const resumeAfter = route.http === "stream" ? headers.get("last-event-id") : undefined;
  return {
    ...body,
    ...readQueryInput(route.input, query),
    ...(resumeAfter ? readQueryInput(route.input, `after=${resumeAfter}`) : {}),
  };
}

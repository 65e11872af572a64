import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { accepts } from "../auth/headers.ts";
import { readQueryInput } from "../calls/queryInput.ts";
import { type AnyRoute, toPath } from "../calls/route.ts";
import type { RouteCall, RouteCaller } from "../calls/routeCaller.ts";
import { readJsonBody } from "./body.ts";
import type { Endpoint, Exchange, JsonReply, Reply } from "./endpoint.ts";
import { toEventBlocks } from "./eventBlock.ts";

/** The paths a route is served at. */
export function pathsOf(route: AnyRoute): string[] {
  return [route.path ?? toPath(route.name), ...(route.aliases ?? []).map(toPath)];
}

/** A route of the table as what the HTTP server serves. */
export function toEndpoints(route: AnyRoute, caller: RouteCaller): Endpoint[] {
  if (route.http === "none") return [];
  return pathsOf(route).map((path) => ({
    path,
    verbs: [route.verb],
    scope: route.scope,
    ...defined({ phone: route.phone, farewell: route.farewell }),
    handle: (exchange) => serve(route, exchange, caller),
  }));
}

async function serve(route: AnyRoute, exchange: Exchange, caller: RouteCaller): Promise<Reply> {
  const { headers, requestId, principal, origin, signal } = exchange;
  const streams =
    route.http === "stream" || (route.stream !== undefined && accepts(headers.get("accept"), "text/event-stream"));
  const idempotencyKey = headers.get("idempotency-key");
  const call: RouteCall = {
    route,
    input: await readInput(route, exchange),
    requestId,
    origin,
    scope: principal!.scope,
    signal,
    ...defined({ idempotencyKey }),
  };
  if (!streams) return toJson(route, await caller.call(call));
  const result = await caller.stream(call);
  return "events" in result ? { events: toBlocks(result.events) } : toJson(route, result.output);
}

function toJson(route: AnyRoute, output: unknown): JsonReply {
  return { status: route.status?.(output) ?? 200, body: output };
}

async function* toBlocks(batches: AsyncIterable<GatewayEvent[]>): AsyncGenerator<Iterable<string | Buffer>> {
  yield ["retry: 1000\n\n"];
  for await (const events of batches) yield toEventBlocks(events);
}

async function readInput(route: AnyRoute, exchange: Exchange): Promise<Record<string, unknown>> {
  const { query, headers } = exchange;
  const body = await readJsonBody(exchange);
  if (route.verb === "POST") {
    if (query !== "") throw new AppError("bad_request", "A POST takes its fields in the JSON body, not in the query");
    return body ?? {};
  }
  const resumeAfter = route.http === "stream" ? headers.get("last-event-id") : undefined;
  return {
    ...body,
    ...readQueryInput(route.input, query),
    ...(resumeAfter ? readQueryInput(route.input, `after=${resumeAfter.replace(".", "&afterPart=")}`) : {}),
  };
}

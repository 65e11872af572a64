import { fromErrorBody } from "../base/appError.ts";
import type { Routes } from "../gateway/routes/routeTable.ts";
import { type Client, createClient } from "../protocol/client.ts";
import type { Wire } from "../protocol/frame.ts";

/** The routes of a gateway, each with what it takes and what it gives. */
export type { Routes };

export type RouteName = keyof Routes;

/** What a route gives: `Output<"sessions.list">`. */
export type Output<Name extends RouteName> = Routes[Name]["output"];

/** The gateway's routes over a wire. Calls reject with the AppError that the gateway tells. */
export type RouteClient = Client<Routes>;

export function createRouteClient(wire: Wire): RouteClient {
  return createClient<Routes>(wire, { toError: fromErrorBody });
}

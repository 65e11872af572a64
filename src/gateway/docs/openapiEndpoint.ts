import type { Endpoint } from "../http/endpoint.ts";
import { toOpenApi } from "./openapi.ts";
import type { AnyRoute } from "../calls/route.ts";

export function createOpenApi(routes: AnyRoute[], version: string): Endpoint {
  let document: Record<string, unknown> | undefined;
  return {
    path: "/openapi.json",
    verbs: ["GET"],
    scope: "read",
    async handle() {
      return { body: (document ??= toOpenApi(routes, version)) };
    },
  };
}

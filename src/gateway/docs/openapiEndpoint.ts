import type { Endpoint } from "../http/endpoint.ts";
import { doorPaths } from "./doorPaths.ts";
import { toOpenApi } from "./openapi.ts";
import type { AnyRoute } from "../calls/route.ts";

export function createOpenApi(routes: AnyRoute[], version: string): Endpoint {
  let document: Record<string, unknown> | undefined;
  return {
    path: "/openapi.json",
    verbs: ["GET"],
    scope: "read",
    async handle() {
      return { body: (document ??= whole(routes, version)) };
    },
  };
}

/** The routes, and the doors for other clients beside them. */
function whole(routes: AnyRoute[], version: string): Record<string, unknown> {
  const document = toOpenApi(routes, version);
  return { ...document, paths: { ...(document["paths"] as object), ...doorPaths() } };
}

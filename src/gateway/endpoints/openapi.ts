import { writeJson } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import { toOpenApi } from "../openapi.ts";
import type { AnyRoute } from "../route.ts";

export function createOpenApi(routes: AnyRoute[], version: string): Endpoint {
  let document: Record<string, unknown> | undefined;
  return {
    path: "/openapi.json",
    verbs: ["GET"],
    scope: "read",
    async handle({ response, requestId }) {
      document ??= toOpenApi(routes, version);
      writeJson(response, { status: 200, body: document, requestId });
    },
  };
}

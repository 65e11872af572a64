import type { Endpoint } from "../http/endpoint.ts";
import type { AnyRoute } from "../calls/route.ts";

/** The document is made when it is first asked for, as is what makes it loaded. */
export function createOpenApi(routes: AnyRoute[], version: string): Endpoint {
  let document: Promise<Record<string, unknown>> | undefined;
  return {
    path: "/openapi.json",
    verbs: ["GET"],
    scope: "read",
    async handle() {
      return { body: await (document ??= whole(routes, version)) };
    },
  };
}

/** The routes, and the doors for other clients beside them. */
async function whole(routes: AnyRoute[], version: string): Promise<Record<string, unknown>> {
  const [{ toOpenApi }, { doorPaths }] = await Promise.all([import("./openapi.ts"), import("./doorPaths.ts")]);
  const document = toOpenApi(routes, version);
  return { ...document, paths: { ...(document["paths"] as object), ...doorPaths() } };
}

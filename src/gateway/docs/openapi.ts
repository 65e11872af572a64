import type { ErrorCode } from "../../protocol/error.ts";
import { pathsOf } from "../http/apiEndpoints.ts";
import { type JsonSchema, toComponents, toJsonSchema } from "./jsonSchema.ts";
import type { AnyRoute } from "../calls/route.ts";
import { MEANING_OF, STATUS_OF } from "../calls/errorStatus.ts";

/** The OpenAPI 3.1 document of the routes that are served over HTTP. */
export function toOpenApi(routes: AnyRoute[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = { "/health": { get: health } };
  for (const route of routes.filter(({ http }) => http !== "none")) {
    for (const [index, path] of pathsOf(route).entries()) {
      const operationId = index === 0 ? route.name : `${route.name}.${index}`;
      paths[path] = { ...paths[path], [route.verb.toLowerCase()]: { ...toOperation(route), operationId } };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Pincer gateway",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description: "The agent gateway's REST port. docs/api.md says the same in words.",
    },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        channel: {
          ...{ type: "apiKey", in: "header", name: "X-Telegram-Bot-Api-Secret-Token" },
          description: "What the chat network was given at the gateway's start.",
        },
        webhook: { type: "http", scheme: "bearer", description: "A webhook's own token, or a signature of the body." },
      },
      schemas: toComponents(),
    },
  };
}

const health = {
  operationId: "health",
  summary: "Whether a gateway is here. Needs no token.",
  security: [],
  responses: { 200: { description: "It is.", content: { "application/json": { schema: { type: "object" } } } } },
};

function toOperation(route: AnyRoute): Record<string, unknown> {
  const input = toJsonSchema(route.input, "input");
  return {
    summary: route.summary,
    tags: [route.name.split(".")[0]],
    ...(route.verb === "GET" ? { parameters: toParameters(input) } : toRequest(input)),
    responses: { ...toSuccess(route), ...toErrors() },
  };
}

function toParameters({ properties = {}, required = [] }: JsonSchema): unknown[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function toRequest(schema: JsonSchema): Record<string, unknown> {
  const idempotencyKey = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    schema: { type: "string", minLength: 1, maxLength: 255 },
  };
  return {
    parameters: [idempotencyKey],
    requestBody: { required: (schema.required ?? []).length > 0, content: { "application/json": { schema } } },
  };
}

const EVENTS =
  "Server-sent events, until the client goes: `event` is the type, `data` the event in JSON, `id` what to resume after.";

function toSuccess(route: AnyRoute): Record<string, unknown> {
  const events = (name: string) => ({ "text/event-stream": { schema: { $ref: `#/components/schemas/${name}` } } });
  if (route.http === "stream") return { 200: { description: EVENTS, content: events("GatewayEvent") } };
  const json = { "application/json": { schema: toJsonSchema(route.output, "output") } };
  const done = { 200: { description: "Done.", content: { ...json, ...(route.stream ? events("RunEvent") : {}) } } };
  return route.status ? { ...done, 202: { description: "Accepted: it goes on.", content: json } } : done;
}

function toErrors(): Record<string, unknown> {
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return Object.fromEntries(
    Object.entries(STATUS_OF).map(([code, status]) => [
      status,
      { description: `${code}: ${MEANING_OF[code as ErrorCode]}`, content },
    ]),
  );
}

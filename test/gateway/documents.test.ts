import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pathsOf } from "../../src/gateway/http/apiEndpoints.ts";
import { toReference } from "../../src/gateway/docs/reference.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { runEventShapes, stateEventShapes } from "../../src/gateway/docs/eventShapes.ts";
import { toOpenApi } from "../../src/gateway/docs/openapi.ts";
import { type Json, openGatewayBench } from "./bench.ts";

test("docs/api.md says what the routes are; node src/gateway/docs/writeReference.ts writes it anew", () => {
  const page = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
  expect(page).toBe(toReference(routeTable));
});

test("docs/api.md and /openapi.json tell every event, with its fields", () => {
  const page = toReference(routeTable);
  const events = page.slice(page.indexOf("## Events\n"), page.indexOf("## Shapes\n"));
  const told = [...events.matchAll(/^### (\S+)\n([^#]*)/gm)].map(([, type, text]) => [
    type,
    [...text!.matchAll(/^\| (\w+) \| [^|]+ \|/gm)].map(([, field]) => field!).filter((field) => field !== "field"),
  ]);
  const shapes = [...runEventShapes, ...stateEventShapes].map(({ shape }) => [
    shape.type.value,
    Object.keys(shape).filter((field) => field !== "type"),
  ]);
  expect(told).toEqual(shapes);
  const { paths, components } = toOpenApi(routeTable, "test") as Json;
  const stream = (path: string, verb: string) => paths[path][verb].responses["200"].content["text/event-stream"].schema;
  expect(stream("/api/events", "get")).toEqual({ $ref: "#/components/schemas/GatewayEvent" });
  expect(stream("/api/sessions/send", "post")).toEqual({ $ref: "#/components/schemas/RunEvent" });
  expect(components.schemas.GatewayEvent.anyOf).toHaveLength(shapes.length);
  expect(components.schemas.RunEvent.anyOf).toHaveLength(runEventShapes.length);
});

test("/openapi.json holds every route, and every reference in it leads somewhere", async () => {
  const { get } = await openGatewayBench();
  const { status, body: document } = await get("/openapi.json");
  expect(status).toBe(200);
  expect(document.openapi).toBe("3.1.0");

  const served = Object.entries(document.paths as Record<string, object>).flatMap(([path, item]) =>
    Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  const routes = routeTable
    .filter(({ http }) => http !== "none")
    .flatMap((route) => pathsOf(route).map((path) => `${route.verb} ${path}`));
  const doors = [
    "POST /v1/chat/completions",
    "POST /v1/responses",
    "GET /v1/responses/{id}",
    "DELETE /v1/responses/{id}",
    "GET /v1/models",
    "GET /v1/models/{id}",
    "POST /tools/invoke",
    "POST /mcp",
    "POST /hooks/agent",
    "POST /hooks/wake",
    "POST /hooks/{name}",
    "POST /channels/{name}",
  ];
  expect(served.toSorted()).toEqual([...routes, ...doors, "GET /health"].toSorted());
  expect(document.info.license).toEqual({ name: "MIT", identifier: "MIT" });
  const chat = document.paths["/v1/chat/completions"].post.requestBody.content["application/json"].schema;
  expect(Object.keys(chat.properties)).toEqual(
    expect.arrayContaining(["model", "messages", "stream", "store", "user"]),
  );

  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!);
  expect(references.length).toBeGreaterThan(100);
  for (const reference of new Set(references)) {
    const found = reference
      .replace("#/", "")
      .split("/")
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    expect(found, reference).toBeTypeOf("object");
  }

  const ids = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);

  const send = document.paths["/api/sessions/send"].post;
  expect(Object.keys(send.responses)).toEqual(
    expect.arrayContaining(["200", "202", "400", "401", "404", "413", "429", "500", "504"]),
  );
  expect(send.requestBody.content["application/json"].schema).toMatchObject({
    additionalProperties: false,
    properties: { message: { type: "string" }, timeoutSeconds: { default: 120 } },
  });
  const list = document.paths["/api/sessions/list"].get;
  expect(list.parameters.map(({ name }: { name: string }) => name)).toEqual([
    "kinds",
    "limit",
    "messageLimit",
    "cursor",
    "search",
    "pinned",
    "archived",
  ]);
});

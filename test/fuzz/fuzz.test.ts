import { expect, test } from "vitest";
import { pathsOf } from "../../src/gateway/http/apiEndpoints.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { openGatewayBench, TOKEN } from "../gateway/bench.ts";
import { fuzz } from "./fuzz.ts";

test("a thousand malformed requests: no fault, no silence, no leak", async () => {
  const { gateway, get } = await openGatewayBench();
  const paths = [
    ...routeTable.filter(({ name }) => name !== "gateway.token.rotate").flatMap((route) => pathsOf(route)),
    ...["/v1/models", "/v1/chat/completions", "/v1/responses", "/tools/invoke", "/mcp", "/ws", "/nothing"],
  ];
  const report = await fuzz({ port: gateway.port, token: TOKEN, paths, count: 1000, seed: 7 });
  expect(report.findings).toEqual([]);
  expect(Object.keys(report.byStatus)).toEqual(expect.arrayContaining(["400", "401", "403", "404", "405"]));
  expect((await get("/api/sessions/list")).status).toBe(200);
});

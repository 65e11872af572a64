import * as fc from "../property.ts";
import { expect, test } from "vitest";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { pathsOf } from "../../src/gateway/http/apiEndpoints.ts";
import { openGatewayBench, request, TOKEN } from "./bench.ts";
import { checkAnswer } from "./checkAnswer.ts";

const json = routeTable.filter(({ http }) => http === undefined);

test("whatever a body holds, the answer is one of the route's or an error that is not ours", async () => {
  const { gateway, auth } = await openGatewayBench();
  // Rotating would end the test's own token; waking starts runs without end.
  const posts = json.filter(({ verb, secret }) => verb === "POST" && !secret);
  const fields = fc.constantFrom(
    "sessionKey",
    "message",
    "job",
    "id",
    "patch",
    "title",
    "runId",
    "task",
    "text",
    "idempotencyKey",
    "constructor",
    "toString",
    "limit",
  );
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom("main", "", "\0", "\ud800", -1, 1e308, [], {}, null),
  );
  const body = fc.oneof(
    { weight: 5, arbitrary: fc.dictionary(fields, value, { maxKeys: 5 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...posts), body, async (route, input) => {
      const response = await fetch(gateway.url + pathsOf(route)[0]!, {
        method: "POST",
        headers: { ...auth, "Content-Type": "application/json" },
        body: JSON.stringify(input),
      });
      expect(response.status).not.toBe(500);
      checkAnswer(route.name, response.status, await response.json());
    }),
    { numRuns: 300 },
  );
});

test("whatever a query holds, the same", async () => {
  const { gateway, auth } = await openGatewayBench();
  const gets = json.filter(({ verb, name }) => verb === "GET" && name !== "runs.wait");
  const name = fc.oneof(
    fc.constantFrom("sessionKey", "limit", "kinds", "cursor", "before", "days", "search", "id", "states"),
    fc.string(),
  );
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("main", "-0", "1e999", "%", "%ff", "%00", "999999999999999999999", "main,,isolated"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...gets),
      fc.array(fc.tuple(name, value, fc.boolean()), { maxLength: 4 }),
      async (route, pairs) => {
        const query = pairs
          .map(([key, text, raw]) => `${encode(key)}=${raw ? text.replace(/[^\x21-\x7e]|#/g, "") : encode(text)}`)
          .join("&");
        const response = await fetch(`${gateway.url}${pathsOf(route)[0]}?${query}`, { headers: auth });
        expect(response.status).not.toBe(500);
        checkAnswer(route.name, response.status, await response.json());
      },
    ),
    { numRuns: 300 },
  );
});

test("whatever bytes come, the gateway answers in JSON or hangs up, and goes on", async () => {
  const bench = await openGatewayBench();
  const whole = request(
    bench,
    "POST /api/sessions/create",
    ["Content-Type: application/json", "Content-Length: 2", "Connection: close"],
    "{}",
  );
  const damage = fc.record({ at: fc.nat(whole.length - 1), length: fc.nat(12), by: fc.uint8Array({ maxLength: 12 }) });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, length, by }) => {
      const bytes = Buffer.concat([
        Buffer.from(whole.slice(0, at)),
        by,
        Buffer.from(whole.slice(at + length)),
        Buffer.from("\r\n\r\n"),
      ]);
      const text = await bench.rawToEnd(bytes);
      if (text !== "") {
        expect(text).toMatch(/^HTTP\/1\.1 (2\d\d|4\d\d|100) /);
        expect(text).not.toMatch(/ 500 |node_modules/);
        expect(text).not.toContain(TOKEN);
      }
    }),
    { numRuns: 200 },
  );
  expect((await bench.get("/api/models/list")).status).toBe(200);
});

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

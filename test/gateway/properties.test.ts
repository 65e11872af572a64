import * as fc from "../property.ts";
import { expect, test } from "vitest";
import * as z from "zod";
import { pathsOf } from "../../src/gateway/http/apiEndpoints.ts";
import type { AnyRoute } from "../../src/gateway/calls/route.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { checkAnswer } from "./checkAnswer.ts";
import { type Answer, type GatewayBench, openGatewayBench, TOKEN } from "./bench.ts";

// PINCER_RUNS=1000 looks harder.
const numRuns = Number(process.env["PINCER_RUNS"] ?? 25);
/** Rotating ends the test's own token; a stream has no end to wait for. */
const routes = routeTable.filter(({ name, http }) => name !== "gateway.token.rotate" && http === undefined);

const odd = fc.oneof(
  fc.json().map((text) => JSON.parse(text) as unknown),
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.constantFrom("", "main", "\0", "\ud800", "__proto__", "../..", -1, 1e308, null, [], {}),
);

/** Inputs with the route's own fields, each as likely right as wrong, and some of nobody's. */
function inputOf(route: AnyRoute): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {} } = z.toJSONSchema(route.input, { io: "input", unrepresentable: "any" });
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      fc.oneof(odd, likely(schema as z.core.JSONSchema.BaseSchema)),
    ]),
  );
  const fields = fc.record(known, { requiredKeys: [] });
  // Waiting is not what is tried here.
  const quick = {
    ...("timeoutSeconds" in properties ? { timeoutSeconds: 0 } : {}),
    ...("wait" in properties ? { wait: false } : {}),
  };
  return fc
    .tuple(fields, fc.dictionary(fc.string(), odd, { maxKeys: 1 }))
    .map(([own, foreign]) => ({ ...foreign, ...own, ...quick }));
}

function likely(schema: z.core.JSONSchema.BaseSchema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "integer" || schema.type === "number") return fc.integer({ min: 0, max: 100 });
  if (schema.type === "array") return fc.array(fc.constantFrom("main", "isolated"), { maxLength: 3 });
  return fc.constantFrom("main", "hello", "test/m", "run_1", "job_1");
}

async function ask({ gateway }: GatewayBench, route: AnyRoute, input: Record<string, unknown>): Promise<Answer> {
  const { hostname, port } = new URL(gateway.url);
  const { request } = await import("node:http");
  // fetch would refuse a GET with a body.
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
    const sent = request(
      { hostname, port, path: pathsOf(route)[0], method: route.verb, headers, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: new Headers(), body: JSON.parse(text) as unknown }),
        );
      },
    );
    sent.on("error", reject).end(JSON.stringify(input));
  });
}

test.each(routes.map((route) => [route.name, route] as const))(
  "%s answers any input by its schema, and never with a fault",
  async (name, route) => {
    const bench = await openGatewayBench();
    await fc.assert(
      fc.asyncProperty(inputOf(route), async (input) => {
        const { status, body } = await ask(bench, route, input);
        expect(status === 503 || status < 500, JSON.stringify([input, body])).toBe(true);
        checkAnswer(name, status, body);
        expect(JSON.stringify(body)).not.toMatch(/node_modules|\/src\/|\\n\s+at /);
      }),
      { numRuns },
    );
  },
);

const DOORS = ["/v1/chat/completions", "/v1/responses", "/tools/invoke", "/mcp"];

test.each(DOORS)("%s answers any body without a fault", async (path) => {
  const { post } = await openGatewayBench();
  const field = fc.constantFrom(
    "model",
    "messages",
    "input",
    "stream",
    "tool",
    "args",
    "sessionKey",
    "action",
    "method",
    "params",
    "id",
    "jsonrpc",
    "user",
  );
  const body = fc.dictionary(
    field,
    fc.oneof(odd, fc.constantFrom("pincer", "sessions_list", "tools/list", "2.0", "cron")),
    { maxKeys: 5 },
  );
  await fc.assert(
    fc.asyncProperty(body, async (given) => {
      const answer = await post(path, { ...given, stream: false });
      const isTold = answer.body?.error?.message === "tool execution failed";
      expect(answer.status < 500 || answer.status === 503 || isTold, JSON.stringify([given, answer.body])).toBe(true);
    }),
    { numRuns: numRuns * 3 },
  );
});

import { expect, test } from "vitest";
import type { ModelRequest } from "../../src/core/ports/provider.ts";
import { toAnthropicRequest } from "../../src/providers/anthropic/anthropicRequest.ts";
import { toGoogleRequest } from "../../src/providers/google/googleRequest.ts";
import { toOpenaiRequest } from "../../src/providers/openai/openaiRequest.ts";
import { USUAL } from "../../src/providers/openaiChat/chatDialect.ts";
import { toChatRequest } from "../../src/providers/openaiChat/chatRequest.ts";
import { closedSchema } from "../../src/providers/shared/closedSchema.ts";
import { unheld } from "../../src/providers/shared/heldTurns.ts";

const whole = { type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"] };
const closed = { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false };
const tools = [{ name: "read", description: "reads", inputSchema: {} }];

function asked(model: string, schema: object, more: Partial<ModelRequest> & { alone?: boolean } = {}): ModelRequest {
  const { alone = false, ...rest } = more;
  const origin = { via: "api" as const };
  return {
    model,
    system: "",
    messages: [{ role: "user", text: "go", origin }],
    tools,
    output: { name: "reply", schema: schema as Record<string, unknown>, alone },
    ...rest,
  };
}

test("OpenAI is given a strict schema where it can hold to it, a loose one or none elsewhere", () => {
  const format = (schema: object) => toOpenaiRequest(asked("gpt-6-luna", schema), "openai").text?.format;
  expect(format(whole)).toEqual({ type: "json_schema", name: "reply", schema: closed, strict: true });
  const optional = { ...whole, required: [] };
  expect(format(optional)).toEqual({ type: "json_schema", name: "reply", schema: optional, strict: false });
  expect(format({ type: "object" })).toEqual({ type: "json_object" });
  expect(format({ type: "array", items: whole })).toBeUndefined();
  expect(toOpenaiRequest(asked("gpt-6-luna", whole), "openai").tools).toHaveLength(1);
});

test("Anthropic is given closed schemas only, beside tools and thinking", () => {
  const request = (model: string, schema: object) => toAnthropicRequest(asked(model, schema), "anthropic");
  expect(request("claude-sonnet-5-5", whole)).toMatchObject({
    output_config: { format: { type: "json_schema", schema: closed } },
    thinking: { type: "adaptive" },
  });
  expect(unheld(request("claude-sonnet-5-5", whole).tools!)).toMatchObject([{ name: "read" }]);
  for (const [model, schema] of [
    ["claude-3-haiku", whole],
    ["claude-sonnet-5-5", { type: "object" }],
    ["claude-sonnet-5-5", { type: "object", additionalProperties: { type: "number" } }],
  ] as const)
    expect(request(model, schema).output_config).toBeUndefined();
});

test("Gemini is given the schema beside tools from 3 on, and before that once nothing is left to call", () => {
  const config = (model: string, more = {}) =>
    toGoogleRequest(asked(model, whole, more), "google", new AbortController().signal).config!;
  const shaped = { responseMimeType: "application/json", responseJsonSchema: closed };
  expect(config("gemini-3.8-flash")).toMatchObject({ ...shaped, tools: [{}] });
  expect(config("gemini-2.5-flash")).not.toHaveProperty("responseMimeType");
  expect(config("gemini-2.5-flash")).toMatchObject({ tools: [{}] });
  expect(config("gemini-2.5-flash", { alone: true })).toMatchObject(shaped);
  expect(config("gemini-2.5-flash", { alone: true })).not.toHaveProperty("tools");
});

test("other servers are given the schema where there are no tools, or nothing is left to call", () => {
  const server = { provider: "local", baseUrl: "http://x/v1", dialect: USUAL };
  const request = (more = {}) => toChatRequest(asked("qwen3", whole, more), server);
  const response_format = { type: "json_schema", json_schema: { name: "reply", schema: closed, strict: true } };
  expect(request()).not.toHaveProperty("response_format");
  expect(request().tools).toHaveLength(1);
  expect(request({ tools: [] })).toMatchObject({ response_format });
  expect(request({ alone: true })).toMatchObject({ response_format });
  expect(request({ alone: true })).not.toHaveProperty("tools");
});

test("a closed schema says shapes, and gives up where it cannot", () => {
  expect(
    closedSchema({
      type: "object",
      properties: {
        kind: { const: "a" },
        note: { type: ["string", "null"], description: "why" },
        list: { type: "array", items: { $ref: "#/$defs/item" }, minItems: 2 },
      },
      required: ["kind", "list"],
      $defs: { item: { oneOf: [{ enum: [1, 2] }, { type: "string", pattern: "^x" }] } },
    }),
  ).toEqual({
    allRequired: false,
    schema: {
      type: "object",
      properties: {
        kind: { type: "string", enum: ["a"] },
        note: {
          anyOf: [
            { type: "string", description: "why" },
            { type: "null", description: "why" },
          ],
          description: "why",
        },
        list: {
          type: "array",
          items: { anyOf: [{ type: "number", enum: [1, 2] }, { type: "string" }] },
        },
      },
      required: ["kind", "list"],
      additionalProperties: false,
    },
  });
  const object = (properties: object) => ({ type: "object", properties });
  for (const schema of [
    { type: "object" },
    { type: "string" },
    object({ a: {} }),
    object({ a: { type: "array", prefixItems: [{ type: "string" }] } }),
    object({ a: { $ref: "#" } }),
    { ...object({ a: { $ref: "#/$defs/a" } }), $defs: { a: object({ a: { $ref: "#/$defs/a" } }) } },
    { ...object({}), required: ["x"] },
    object({ a: { enum: ["x", 1] } }),
    // What stands beside a choice or a reference holds of it, too: closed by themselves, they would forbid each other's names.
    { ...object({ kind: { type: "string" } }), required: ["kind"], anyOf: [object({ a: { type: "string" } })] },
    { ...object({ kind: { type: "string" } }), oneOf: [object({ a: { type: "string" } })] },
    { ...object({ a: { $ref: "#/$defs/a", required: ["x"] } }), $defs: { a: object({ x: { type: "string" } }) } },
    object({ a: { anyOf: [{ type: "array", items: { type: "string" } }], items: { type: "string" } } }),
    object({ a: { anyOf: [object({})], oneOf: [object({})] } }),
    object({ a: { anyOf: [object({})], additionalProperties: { type: "string" } } }),
    { ...object({ kind: { type: "string" } }), dependentSchemas: { kind: object({ a: { type: "string" } }) } },
    { ...object({ kind: { type: "string" } }), if: { required: ["kind"] }, else: object({ a: { type: "string" } }) },
    { ...object({ kind: { type: "string" } }), unevaluatedProperties: { type: "string" } },
    // Each twice what is below it: written out, more than there are atoms.
    {
      ...object({ a: { $ref: "#/$defs/d300" } }),
      $defs: Object.fromEntries(
        Array.from({ length: 301 }, (_, n) => {
          const below = { $ref: `#/$defs/d${n - 1}` };
          return [`d${n}`, n === 0 ? { type: "string" } : object({ a: below, b: below })];
        }),
      ),
    },
  ])
    expect(closedSchema(schema as Record<string, unknown>), JSON.stringify(schema)).toBeUndefined();
});

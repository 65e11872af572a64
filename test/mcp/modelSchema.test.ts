import { expect, test } from "vitest";
import { toModelSchema } from "../../src/mcp/tools/modelSchema.ts";
import { readSchema } from "../../src/schema/readSchema.ts";
import * as fc from "../property.ts";

const member = (schema: unknown) => (toModelSchema({ properties: { a: schema } })["properties"] as { a: unknown }).a;

const members: [string, unknown, unknown][] = [
  ["a list of nobody knows what", { type: "array" }, { type: "array", items: {} }],
  ["a list or nothing", { type: ["array", "null"] }, { type: ["array", "null"], items: {} }],
  ["a list in a branch", { anyOf: [{ type: "array" }] }, { anyOf: [{ type: "array", items: {} }] }],
  [
    "one for each place",
    { type: "array", items: [{ type: "int" }, 5] },
    { type: "array", items: { anyOf: [{ type: "integer" }] } },
  ],
  ["a bound that is a yes", { type: "number", minimum: 0, exclusiveMinimum: true }, { type: "number", minimum: 0 }],
  ["needed, said at the member", { type: "string", required: true }, { type: "string" }],
  ["a type of a language", { type: "int" }, { type: "integer" }],
  ["no type of any", { type: "file", description: "x" }, { description: "x" }],
  ["no type at all", { type: null }, {}],
  ["types, one known", { type: ["str", "date"] }, { type: ["string"] }],
  ["a choice of nothing", { enum: [] }, {}],
  ["a choice that is a text", { type: "string", enum: "a" }, { type: "string" }],
  ["a choice twice", { enum: ["a", "a", null] }, { enum: ["a", null] }],
  ["a length that is a text", { type: "string", minLength: "3", maxLength: -1 }, { type: "string" }],
  ["no pattern", { type: "string", pattern: "(" }, { type: "string" }],
  ["words that are none", { title: 5, description: ["a"], examples: "x", default: null }, { default: null }],
  [
    "names of its own",
    { $id: "https://x.example/a", $anchor: "b", $schema: "http://x", type: "string" },
    { type: "string" },
  ],
  [
    "a name that is a word",
    { type: "object", properties: { type: { type: "string" }, title: {} } },
    { type: "object", properties: { type: { type: "string" }, title: {} } },
  ],
];

test.each(members)("a member that is %s is told as every provider takes it", (_what, given, told) => {
  expect(member(given)).toEqual(told);
});

test("branches at the top, which no provider takes, are told as members: what all need is needed", () => {
  const add = {
    type: "object",
    properties: { kind: { const: "add" }, name: { type: "string" } },
    required: ["kind", "name"],
  };
  const drop = { properties: { kind: { const: "drop" }, id: { type: "number" } }, required: ["kind"] };
  const all = { $ref: "#/$defs/Add", anyOf: [{ properties: { loud: { type: "boolean" } } }], $defs: { Add: add } };
  expect(toModelSchema({ type: "object", oneOf: [add, drop] })).toEqual({
    type: "object",
    properties: {
      kind: { anyOf: [{ const: "add" }, { const: "drop" }] },
      name: { type: "string" },
      id: { type: "number" },
    },
    required: ["kind"],
  });
  expect(toModelSchema(all)).toMatchObject({
    properties: { kind: { const: "add" }, name: { type: "string" }, loud: { type: "boolean" } },
    required: ["kind", "name"],
  });
});

test("branches that lead to branches without end come to one", () => {
  const many = Array.from({ length: 50 }, () => ({ $ref: "#/$defs/A" }));
  const looped = { $ref: "#/$defs/A", $defs: { A: { properties: { a: {} }, anyOf: many, allOf: many } } };
  expect(toModelSchema(looped)["properties"]).toEqual({ a: {} });
});

test("what has to be given is told, described or not", () => {
  expect(toModelSchema({ properties: { a: {} }, required: ["a", "ghost", "a", 5, "straße"] })).toEqual({
    type: "object",
    properties: { a: {}, ghost: {} },
    required: ["a", "ghost"],
  });
});

test("what is too long keeps its members and their types", () => {
  const text = (length: number) => ({ type: "string", description: "d".repeat(length) });
  const wordy = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`p${at}`, text(300)]));
  const told = toModelSchema({ properties: wordy, required: ["p0"] });
  expect(told).toMatchObject({ properties: { p0: { type: "string" }, p299: { type: "string" } }, required: ["p0"] });
  const deep = {
    type: "object",
    properties: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`q${at}`, {}])),
  };
  expect(toModelSchema({ properties: { deep, b: { type: "int" } } })["properties"]).toEqual({
    deep: { type: "object" },
    b: { type: "integer" },
  });
  expect(toModelSchema({ properties: { long: text(2_000_000) } })["properties"]).toEqual({ long: { type: "string" } });
});

test("whatever a server says, what is told is a schema", () => {
  const words = fc.constantFrom(
    ...[
      "type",
      "properties",
      "required",
      "items",
      "anyOf",
      "allOf",
      "enum",
      "minimum",
      "exclusiveMinimum",
      "minLength",
    ],
    ...[
      "pattern",
      "additionalProperties",
      "$ref",
      "$defs",
      "not",
      "uniqueItems",
      "dependencies",
      "if",
      "title",
      "const",
    ],
  );
  const plain = fc.constantFrom<unknown>(
    "object",
    "array",
    "int",
    "#/$defs/type",
    "(",
    "^a+$",
    5,
    -1,
    true,
    null,
    ["a", 1],
    [],
  );
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4 },
      plain,
      fc.dictionary(words, tie("schema"), { maxKeys: 5 }),
      fc.array(tie("schema"), { maxLength: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(words, schema), (given) => {
      const told = toModelSchema(given);
      expect(() => readSchema(told)).not.toThrow();
      expect(told["type"]).toBe("object");
    }),
    { numRuns: 500 },
  );
});

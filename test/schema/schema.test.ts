import * as fc from "../property.ts";
import { expect, test } from "vitest";
import { linearPattern } from "../../src/schema/linearPattern.ts";
import { schemaFaults } from "../../src/schema/matchSchema.ts";
import { readSchema } from "../../src/schema/readSchema.ts";
import { OutOfSteps } from "../../src/schema/steps.ts";
import { threadMs } from "../fakes/threadMs.ts";

const lines = (schema: object, value: unknown): string[] =>
  schemaFaults(readSchema(schema), value).map(({ path, message }) => `${path}: ${message}`);

test("faults say where they are and what was expected", () => {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string", minLength: 1 },
      tags: { type: "array", items: { enum: ["a", "b"] }, uniqueItems: true },
      age: { type: "integer", minimum: 0 },
    },
    required: ["name", "age"],
    additionalProperties: false,
  };
  expect(lines(schema, { name: "x", tags: ["a"], age: 3 })).toEqual([]);
  expect(lines(schema, { name: "", tags: ["a", "c", "a"], age: 1.5, more: 1 })).toEqual([
    "name: Expected at least 1 characters",
    'tags.1: Expected one of "a", "b", got "c"',
    "tags: Expected no item twice",
    "age: Expected integer, got 1.5",
    ': "more" is none of its properties (name, tags, age)',
  ]);
  expect(lines(schema, [])).toEqual([": Expected object, got an empty list"]);
  expect(lines(schema, {})).toEqual([': The property "name" is missing', ': The property "age" is missing']);
});

test("of several kinds the one that comes closest is explained", () => {
  const kind = (name: string, type: string) => ({
    type: "object",
    properties: { kind: { const: name }, value: { type } },
    required: ["kind", "value"],
  });
  const schema = { anyOf: [{ type: "null" }, kind("text", "string"), kind("count", "number")] };
  expect(lines(schema, { kind: "count", value: "x" })).toEqual([
    ": It is of none of the 3 kinds that may stand here",
    'value: Expected number, got "x"',
  ]);
});

test.each<[string, object, unknown, boolean]>([
  [
    "a reference into itself",
    {
      $ref: "#/$defs/tree",
      $defs: { tree: { properties: { kids: { items: { $ref: "#/$defs/tree" } } }, additionalProperties: false } },
    },
    { kids: [{ kids: [] }] },
    true,
  ],
  [
    "the same, deeper in",
    {
      $ref: "#/$defs/tree",
      $defs: { tree: { properties: { kids: { items: { $ref: "#/$defs/tree" } } }, additionalProperties: false } },
    },
    { kids: [{ x: 1 }] },
    false,
  ],
  ["an anchor", { $ref: "#a", $defs: { x: { $anchor: "a", type: "number" } } }, "1", false],
  [
    "an own name as a base",
    { $id: "https://a.b/c", items: { $ref: "https://a.b/c#/$defs/n" }, $defs: { n: { type: "number" } } },
    [1],
    true,
  ],
  ["names that every object has", { required: ["toString"] }, {}, false],
  [
    "__proto__ as a name",
    { properties: JSON.parse('{"__proto__": {"type": "number"}}') as object },
    JSON.parse('{"__proto__": "x"}'),
    false,
  ],
  [
    "no further properties than any part has seen",
    { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
    { a: 1, b: 2 },
    false,
  ],
  ["decimal fractions", { multipleOf: 0.1 }, 0.3, true],
  ["a tuple of the older drafts", { items: [{ type: "number" }], additionalItems: false }, [1, 2], false],
  ["characters beyond the first plane", { maxLength: 1 }, "𝒳", true],
  ["equal values, whatever the order of their names", { const: { a: 1, b: 2 } }, { b: 2, a: 1 }, true],
  ["null where it is nullable", { type: "string", nullable: true }, null, true],
  ["what is neither", { type: "string", nullable: true }, 1, false],
  ["null where it is not", { type: "string", nullable: false }, null, false],
  ["null beside a nullable reference", { allOf: [{ type: "object" }], nullable: true }, null, true],
  ["a time without a zone", { format: "time" }, "10:00:00", true],
  ["a time with one", { format: "time" }, "10:00:00+01:00", true],
  ["a time that is none", { format: "time" }, "25:00:00", false],
  ["an instant without a zone", { format: "date-time" }, "2026-02-28T00:00:00", false],
  ["an instant that is none", { format: "date-time" }, "2026-02-30T00:00:00Z", false],
])("%s", (_name, schema, value, fits) => {
  expect(lines(schema, value).length === 0).toBe(fits);
});

test.each<[string, object, RegExp]>([
  ["what leads out of it", { $ref: "https://example.com/x.json" }, /leads out of the schema/],
  ["what leads nowhere", { $ref: "#/$defs/none" }, /names no schema/],
  ["what refers to itself in place", { allOf: [{ $ref: "#" }] }, /refers to itself without going into the value/],
  [
    "a ring in place",
    { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { anyOf: [{ $ref: "#/$defs/a" }] } } },
    /refers to itself/,
  ],
  [
    "an explosion",
    {
      $ref: "#/$defs/d9",
      $defs: Object.fromEntries(
        Array.from({ length: 10 }, (_, n) => [
          `d${n}`,
          n === 0 ? {} : { allOf: Array.from({ length: 4 }, () => ({ $ref: `#/$defs/d${n - 1}` })) },
        ]),
      ),
    },
    /More than 1000 schemas are about one value/,
  ],
  [
    "a keyword of the wrong kind",
    { properties: { a: { required: "x" } } },
    /outputSchema\/properties\/a\/required: Expected a list of names/,
  ],
  ["a type that there is not", { type: "text" }, /Expected one or more of null, boolean/],
  ["a pattern that is none", { pattern: "(" }, /no regular expression/],
  ["a pattern that refers back", { pattern: "(a)\\1" }, /refers back/],
  ["a pattern that counts far", { pattern: "(a{1000}){1000}" }, /too long/],
  ["dynamic references", { $dynamicRef: "#x" }, /\$dynamicRef is not taken/],
  ["great size", { enum: ["x".repeat(70_000)] }, /64000 are the limit/],
  ["a list", [] as never, /Expected a JSON Schema: an object/],
])("%s is refused at the door", (_name, schema, words) => {
  expect(() => readSchema(schema)).toThrow(words);
  expect(() => readSchema(schema)).toThrow(expect.objectContaining({ code: "bad_request" }));
});

test("great depth is refused at the door", () => {
  let schema: object = {};
  for (let depth = 0; depth < 50; depth += 1) schema = { not: schema };
  expect(() => readSchema(schema)).toThrow(/more than 40 deep/);
});

test("patterns that take the language's own matcher ages take a moment", () => {
  const steps = { left: 1_000_000 };
  for (const source of ["^(a+)+$", "^(a|aa)*$", "(.*)*x", "^(?=(a+)+$)b", "^([a-z]+)*[0-9]$"])
    expect(linearPattern(source).test("a".repeat(2000), steps), source).toBe(
      source === "^(a|aa)*$" ? true : source === "^(a+)+$",
    );
  expect(() => linearPattern("^(?:a?){500}$").test("a".repeat(400_000), { left: 100_000 })).toThrow(OutOfSteps);
});

test("patterns match as the language's own matcher has it", () => {
  const atoms = [
    "a",
    "b",
    ".",
    "\\d",
    "[a-c]",
    "[^b]",
    "\\w",
    "\\.",
    "(?:ab)",
    "(a|b)",
    "\\u0061",
    "\\p{L}",
    "(?=a)",
    "(?!b)",
    "\\b",
    "^",
    "$",
    "é",
    "😀",
  ];
  const counts = ["", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"];
  const isSolid = (atom: string) => !/^(\(\?[=!]|\\b|\^|\$)/.test(atom);
  const piece = fc
    .tuple(fc.constantFrom(...atoms), fc.constantFrom(...counts))
    .map(([atom, count]) => atom + (isSolid(atom) ? count : ""));
  const sequence = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(""));
  const pattern = fc.array(sequence, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("|"));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", ".", " ", "é", "😀"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (source, given) => {
      expect(linearPattern(source).test(given, { left: 1e6 })).toBe(new RegExp(source, "u").test(given));
    }),
    { numRuns: 2000 },
  );
});

test("patterns of the older syntax are taken", () => {
  expect(linearPattern("^\\@[\\w\\-]+$").test("@a-b", { left: 1000 })).toBe(true);
  expect(linearPattern("^a{,2}$").test("a{,2}", { left: 1000 })).toBe(true);
});

test("an enormous list, and an enormous value, are checked within a moment", () => {
  const list = Array.from({ length: 5000 }, (_, n) => `v${n}`);
  const read = readSchema({ items: { enum: list } });
  const before = threadMs();
  expect(
    schemaFaults(
      read,
      Array.from({ length: 50_000 }, (_, n) => `v${n % 5000}`),
    ),
  ).toEqual([]);
  expect(schemaFaults(readSchema({ uniqueItems: true }), list)).toEqual([]);
  expect(threadMs() - before).toBeLessThan(2000);
  const wide = readSchema({ items: { anyOf: Array.from({ length: 500 }, (_, n) => ({ const: n })) } });
  expect(
    schemaFaults(
      wide,
      Array.from({ length: 20_000 }, () => 499),
    ),
  ).toMatchObject([{ path: "" }]);
});

test("no schema makes a check last, or the stack end", () => {
  const chain = Object.fromEntries(
    Array.from({ length: 900 }, (_, n) => [
      `a${n}`,
      n < 899 ? { $ref: `#/$defs/a${n + 1}` } : { properties: { x: { $ref: "#/$defs/a0" } } },
    ]),
  );
  let deep: unknown = 1;
  for (let depth = 0; depth < 60; depth += 1) deep = { x: deep };
  const text = "x".repeat(900_000);
  const cases: [object, unknown][] = [
    [{ $ref: "#/$defs/a0", $defs: chain }, deep],
    [{ allOf: Array.from({ length: 900 }, () => ({ minLength: 1, pattern: "^x", format: "uri", enum: ["a"] })) }, text],
    [
      { items: { required: Array.from({ length: 5000 }, (_, n) => `n${n}`) } },
      Array.from({ length: 50_000 }, () => ({})),
    ],
    [
      { additionalProperties: { anyOf: Array.from({ length: 900 }, () => ({ minLength: 2_000_000 })) } },
      { a: text, b: text },
    ],
  ];
  for (const [schema, value] of cases) {
    const before = threadMs();
    expect(schemaFaults(readSchema(schema), value).length).toBeGreaterThan(0);
    expect(threadMs() - before).toBeLessThan(1500);
  }
});

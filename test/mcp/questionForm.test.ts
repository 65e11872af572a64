import { expect, test } from "vitest";
import { toFields, toValues } from "../../src/mcp/servers/questionFields.ts";
import { toForm } from "../../src/mcp/servers/questionForm.ts";

const field = (schema: unknown) => {
  const form = toForm({ type: "object", properties: { a: schema } });
  return typeof form === "string" ? form : (form["properties"] as { a: unknown }).a;
};
const size = { title: "Size", enum: ["s", "l"], type: "string" };

const fields: [string, unknown, unknown][] = [
  [
    "may be nothing",
    { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "A" },
    { type: "string", title: "A" },
  ],
  ["may be nothing, by its types", { type: ["integer", "null"], minimum: 1 }, { type: "integer", minimum: 1 }],
  ["is described elsewhere", { $ref: "#/$defs/Size", default: "l" }, { ...size, default: "l" }],
  ["is described elsewhere alone", { allOf: [{ $ref: "#/$defs/Size" }], title: "T" }, { ...size, title: "T" }],
  ["says not of what type", { description: "free" }, { description: "free", type: "string" }],
  ["is a choice of numbers", { enum: [1, 2] }, { enum: [1, 2], type: "number" }],
  ["is of a format of its own", { type: "string", format: "password" }, { type: "string", format: "password" }],
  ["has a default of another type", { type: "boolean", default: "yes" }, { type: "boolean" }],
  [
    "is a choice by constants",
    { anyOf: [{ const: "x", title: "X" }, { const: "y" }] },
    { oneOf: [{ const: "x", title: "X" }, { const: "y" }], type: "string" },
  ],
];

test.each(fields)("a field that %s is asked for plainly", (_what, given, asked) => {
  const form = toForm({ properties: { a: given }, $defs: { Size: size } });
  expect(form).toEqual({ type: "object", properties: { a: asked } });
});

test("what no form can ask for is said", () => {
  expect(field({ type: "object" })).toBe('"a" is an object, and no field of a form');
  expect(field({ type: "array", items: { type: "string" } })).toBe('"a" is a list of anything, and no field of a form');
  expect(field({ anyOf: [{ type: "string" }, { type: "number" }] })).toBe(
    '"a" is of several kinds, and no field of a form',
  );
  expect(field({ $ref: "#/properties/a" })).toBe('"a" is put together of several, and no field of a form');
  const names = Array.from({ length: 60 }, (_, at) => `f${at}`);
  expect(toForm({ properties: {}, required: names })).toBe("it wants 60 things at once; 50 can be asked for");
});

test("what has to be given is asked for, described or not, and however much else is", () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`f${at}`, { type: "string" }]));
  const form = toForm({ properties: { ...many, b: "odd", n: null }, required: ["f79", "ghost"] }) as {
    properties: object;
  };
  const names = Object.keys(form.properties);
  expect(names).toHaveLength(50);
  expect(names.slice(-3)).toEqual(["f47", "f79", "ghost"]);
  expect(toForm(undefined)).toEqual({ type: "object", properties: {} });
});

test("a choice of numbers is shown as text and sent as it is", () => {
  const form = toForm({ properties: { n: { enum: [1, 2], default: 2 }, b: { enum: [true] }, t: { type: "string" } } });
  expect(
    toFields(form as Record<string, unknown>).map(({ kind, options, default: first }) => [
      kind,
      options?.[0]?.value,
      first,
    ]),
  ).toEqual([
    ["choice", "1", "2"],
    ["choice", "true", undefined],
    ["text", undefined, undefined],
  ]);
  expect(toValues(form as Record<string, unknown>, { n: "2", b: "true", t: "1", other: "1" })).toEqual({
    n: 2,
    b: true,
    t: "1",
    other: "1",
  });
});

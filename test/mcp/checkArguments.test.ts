import { expect, test } from "vitest";
import { threadMs } from "../fakes/threadMs.ts";
import { fitArguments } from "../../src/mcp/tools/checkArguments.ts";

const properties = { a: { type: "string" }, b: { type: "boolean" }, c: { type: ["string", "null"] } };
const schema = { type: "object", properties, required: ["a"] };

test("nothing for what need not be given is not given, where nothing is no value of it", () => {
  expect(fitArguments(schema, { a: "x", b: null, c: null })).toEqual({ input: { a: "x", c: null } });
  expect(fitArguments({ ...schema, additionalProperties: false }, { a: "x", d: null })).toEqual({ input: { a: "x" } });
  expect(fitArguments(schema, { a: null, b: null }).fault).toContain("a: ");
  expect(fitArguments(schema, { a: "x", b: "yes" }).fault).toContain("b: ");
});

test("nothing that asks for others beside it is given where they are there", () => {
  const asking = { type: "object", properties, dependentRequired: { c: ["a"] } };
  expect(fitArguments(asking, { a: "x", b: null, c: null })).toEqual({ input: { a: "x", c: null } });
  expect(fitArguments(asking, { b: null, c: null })).toEqual({ input: {} });
});

test("what only the server can check is given as it is", () => {
  const input = { a: null };
  expect(fitArguments({ type: "object", properties: { a: { type: "int" } } }, input)).toEqual({ input });
});

test("as many nothings as a model writes are left out, and a call is checked within a moment, whatever it is", () => {
  const names = Array.from({ length: 40 }, (_, n) => `n${n}`);
  const wide = { type: "object", properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])) };
  const nothing = Object.fromEntries(names.map((name) => [name, null]));
  expect(fitArguments(wide, nothing)).toEqual({ input: {} });
  const long = "x".repeat(2_500_000);
  expect(fitArguments(wide, { n0: long, n1: null })).toEqual({ input: { n0: long } });
  const slow = {
    type: "object",
    properties: { ...wide.properties, list: { items: { anyOf: names.map((name) => ({ const: name })) } } },
  };
  const before = threadMs();
  expect(fitArguments(slow, { ...nothing, list: Array.from({ length: 20_000 }, () => "n39") }).input).toBeDefined();
  expect(threadMs() - before).toBeLessThan(3000);
});

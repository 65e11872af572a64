import { expect, test } from "vitest";
import { fitArguments } from "../../src/mcp/tools/checkArguments.ts";

const properties = { a: { type: "string" }, b: { type: "boolean" }, c: { type: ["string", "null"] } };
const schema = { type: "object", properties, required: ["a"] };

test("nothing for what need not be given is not given, where nothing is no value of it", () => {
  expect(fitArguments(schema, { a: "x", b: null, c: null })).toEqual({ input: { a: "x", c: null } });
  expect(fitArguments({ ...schema, additionalProperties: false }, { a: "x", d: null })).toEqual({ input: { a: "x" } });
  expect(fitArguments(schema, { a: null, b: null }).fault).toContain("a: ");
  expect(fitArguments(schema, { a: "x", b: "yes" }).fault).toContain("b: ");
});

test("what only the server can check is given as it is", () => {
  const input = { a: null };
  expect(fitArguments({ type: "object", properties: { a: { type: "int" } } }, input)).toEqual({ input });
});

import * as z from "zod";
import { expect, test } from "vitest";
import { fitInput } from "../../../src/base/input/fitInput.ts";

const schema = z.object({
  path: z.string(),
  offset: z.int().min(1).optional(),
  all: z.boolean().optional(),
  mode: z.enum(["a", "b"]).optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  items: z.array(z.object({ text: z.string(), done: z.boolean() })).optional(),
  rest: z.record(z.string(), z.unknown()).optional(),
});

test.each<[string, object, object]>([
  ["what fits stays", { path: "5", all: true }, { path: "5", all: true }],
  ["null is left out", { path: "a", offset: null, mode: null, either: null, items: null, all: null }, { path: "a" }],
  ["null in a free mapping is a value", { path: "a", rest: { x: null } }, { path: "a", rest: { x: null } }],
  ["numbers in texts", { path: "a", offset: " 5 " }, { path: "a", offset: 5 }],
  ["truth in texts", { path: "a", all: "True" }, { path: "a", all: true }],
  ["numbers for texts", { path: 404 }, { path: "404" }],
  [
    "a list in a text, and what is wrong in it",
    { path: "a", items: '[{"text":7,"done":"false"}]' },
    { path: "a", items: [{ text: "7", done: false }] },
  ],
  ["a mapping in a text", { path: "a", rest: '{"b":[1]}' }, { path: "a", rest: { b: [1] } }],
])("%s", (_, given, expected) => {
  const before = structuredClone(given);
  expect(fitInput(schema, given)).toMatchObject({ success: true, data: expected });
  expect(Object.keys(fitInput(schema, given).data!)).toEqual(Object.keys(expected));
  // The call is kept as the model wrote it.
  expect(given).toEqual(before);
});

test.each<[string, unknown]>([
  ["a needed field that is null", { path: null }],
  ["a number that is none", { path: "a", offset: "five" }],
  ["a number out of range", { path: "a", offset: "0" }],
  ["a half number", { path: "a", offset: "1.5" }],
  ["a word for truth", { path: "a", all: "yes" }],
  ["a mapping for a text", { path: { a: 1 } }],
  ["a list for a text", { path: ["a"] }],
  ["a text that is no list", { path: "a", items: "x" }],
  ["null in a list", { path: "a", items: [null] }],
  ["no mapping at all", "path"],
])("%s is refused", (_, given) => {
  expect(fitInput(schema, given).success).toBe(false);
});

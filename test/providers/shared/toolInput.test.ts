import { expect, test } from "vitest";
import { parseInput } from "../../../src/providers/shared/toolInput.ts";

test.each<[string, unknown, object]>([
  ["an object", { a: 1 }, { a: 1 }],
  ["nothing", "", {}],
  ["a fence", '```json\n{"a": "```x"}\n```', { a: "```x" }],
  ["a fence of no language", '```\n{"a":1}```\n', { a: 1 }],
  ["a list of one", '[{"a":1}]', { a: 1 }],
  ["twice encoded", JSON.stringify('{"a":1}'), { a: 1 }],
  ["line breaks in a text", '{"a":"x\ny\t\\"z\\\\",\n"b":"\u0001"}', { a: 'x\ny\t"z\\', b: "\u0001" }],
])("arguments: %s", (_, given, input) => {
  expect(parseInput(given)).toEqual({ input });
});

test.each(['{"a":1} and more', '[{"a":1},{"a":2}]', "'a'", "[1]", '"a"', '{"a":"x\n'])(
  "%j stays what the model wrote",
  (given) => {
    expect(parseInput(given)).toEqual({ input: {}, invalid: given });
  },
);

test("long arguments are read in no time", () => {
  const line = 'say "hi" \\n\n';
  const content = line.repeat(100_000);
  const json = `{"a":"${content.replaceAll('"', '\\"').replaceAll("\\n", "\\\\n")}"}`;
  expect(parseInput(json).input).toEqual({ a: content });
});

test("what is nested without end is no object: going through it would end the stack", () => {
  const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
  const invalid = '"nested more than 100 deep"';
  for (const given of [
    deep,
    JSON.stringify(deep),
    `[${deep}]`,
    JSON.parse(deep) as unknown,
    { a: JSON.parse(deep) as unknown },
  ])
    expect(parseInput(given)).toEqual({ input: {}, invalid });
  const fair = JSON.parse(`${'{"a":'.repeat(99)}1${"}".repeat(99)}`) as object;
  expect(parseInput(fair)).toEqual({ input: fair });
});

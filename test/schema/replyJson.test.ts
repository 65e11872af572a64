import { expect, test } from "vitest";
import { replyJson } from "../../src/schema/replyJson.ts";
import { threadMs } from "../fakes/threadMs.ts";

test.each<[string, string, unknown[]]>([
  ["one value", '{"a": 1}', [{ a: 1 }]],
  ["blanks and a byte order mark around it", '\uFEFF\n {"a": 1}\n', [{ a: 1 }]],
  ["a text", '"x"', ["x"]],
  ["null", "null", [null]],
  ["a fence", '```json\n{"a": 1}\n```', [{ a: 1 }]],
  ["words and a fence", "Here it is:\n\n```\n[1, 2]\n```\nDone.", [[1, 2]]],
  ["a fence within a text of it", '{"a": "```json\\n{}\\n```"}', [{ a: "```json\n{}\n```" }]],
  ["words behind it", '{"a": "}"} That is all.', [{ a: "}" }]],
  ["brackets that are none", 'See [1](x) and {curly}: {"a": {"b": []}}', [[1], { a: { b: [] } }]],
  ["two of them", '{"a": 1}\n{"a": 2}', [{ a: 1 }, { a: 2 }]],
  ["two fences", "```\n1\n```\n```\n2\n```", [1, 2]],
  ["letters of every kind", '{"é😀": "\\ud83d\\ude00\\u0000"}', [{ "é😀": "😀\0" }]],
])("%s is read", (_name, text, values) => {
  expect(replyJson(text).values).toEqual(values);
});

test.each<[string, string, RegExp]>([
  ["words", "It is done.", /not valid JSON/],
  ["nothing", "", /not valid JSON/],
  ["NaN", '{"a": NaN}', /not valid JSON.*NaN|not valid JSON/],
  ["a number beyond all bounds", '{"a": 1e999}', /the number 1e999 is too large/],
  ["a key that is there twice", '{"a": 1, "b": {"a": 1}, "\\u0061": 2}', /the key "a" is there twice/],
  ["great depth", "[".repeat(200) + "]".repeat(200), /more than 64 deep/],
  ["a value that is cut off", '{"a": [1, 2', /not valid JSON/],
  ["a comma too many", '{"a": 1,}', /not valid JSON/],
  ["a great many fences", "```\n1\n```\n".repeat(51), /more than 50 fenced texts/],
  ["great length", `"${"x".repeat(1_000_001)}"`, /more than 1000000 characters/],
])("%s is none, and why is said", (_name, text, words) => {
  expect(replyJson(text)).toMatchObject({ values: [], fault: expect.stringMatching(words) });
});

test("a reply full of brackets takes no time", () => {
  const before = threadMs();
  replyJson("[".repeat(400_000));
  replyJson(`{"${"\\".repeat(300_001)}`);
  replyJson("{]".repeat(100_000));
  replyJson("```x\n".repeat(180_000));
  replyJson(Array.from({ length: 1300 }, (_, n) => "`".repeat(n)).join("\n"));
  expect(threadMs() - before).toBeLessThan(1500);
});

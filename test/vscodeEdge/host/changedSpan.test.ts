import * as fc from "../../property.ts";
import { expect, test } from "vitest";
import { changedSpan } from "../../../src/vscode/host/changedSpan.ts";

function apply(before: string, after: string): string {
  const { start, end, text } = changedSpan(before, after);
  expect(start).toBeLessThanOrEqual(end);
  return before.slice(0, start) + text + before.slice(end);
}

test.each([
  ["", ""],
  ["abc", "abc"],
  ["abc", "axc"],
  ["aaa", "aa"],
  ["aa", "aaa"],
  ["a\r\nb", "a\nb"],
  ["a\r\nb\r\n", "a\r\n\r\nb\r\n"],
  ["😀", "😁"],
  ["x😀y", "x😁y"],
])("%j becomes %j", (before, after) => {
  expect(apply(before, after)).toBe(after);
});

test("any text becomes any other, and nothing is cut in the middle of a pair or of a line end", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "\r\n", "\n", "😀", "😁"), { maxLength: 12 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(apply(before, after)).toBe(after);
      const { start, end } = changedSpan(before, after);
      for (const index of [start, end]) {
        expect(before.slice(index - 1, index + 1)).not.toMatch(/^\r\n$/);
        expect(before.slice(index - 1, index + 1)).not.toMatch(/^[\ud800-\udbff][\udc00-\udfff]$/);
      }
    }),
    { numRuns: 2000 },
  );
});

test("what is the same on both sides is left alone", () => {
  expect(changedSpan("one two three", "one 2 three")).toEqual({ start: 4, end: 7, text: "2" });
});

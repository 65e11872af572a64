import { assert, nat, property, string } from "../property.ts";
import { expect, test } from "vitest";
import { cutText, headOf, partOf, tailOf } from "../../src/base/cutText.ts";

test("a cut falls beside a letter, never into it", () => {
  expect(headOf("a😀b", 2)).toBe("a");
  expect(headOf("a😀b", 3)).toBe("a😀");
  expect(tailOf("a😀b", 2)).toBe("b");
  expect(partOf("😀😀😀", 1, 5)).toBe("😀");
  expect(cutText("a😀b", 3)).toBe("a…");
  expect(cutText("a😀b", 4)).toBe("a😀b");
});

test("whole text stays whole, and parts are within their limit", () => {
  assert(
    property(string({ unit: "grapheme" }), nat(40), (text, max) => {
      for (const part of [headOf(text, max), tailOf(text, max), partOf(text, Math.min(3, text.length), max)])
        expect(part.isWellFormed()).toBe(true);
      expect(headOf(text, max).length).toBeLessThanOrEqual(max);
      expect(tailOf(text, max).length).toBeLessThanOrEqual(max);
      expect(text.startsWith(headOf(text, max)) && text.endsWith(tailOf(text, max))).toBe(true);
    }),
  );
});

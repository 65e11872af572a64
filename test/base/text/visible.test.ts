import { expect, test } from "vitest";
import { fitSnippet } from "../../../src/base/text/fitSnippet.ts";
import { quotedLine, visible, visibleLine, visibleOnce } from "../../../src/base/text/visible.ts";
import { parsePatch } from "../../../src/tools/text/patch.ts";
import { threadMs } from "../../fakes/threadMs.ts";

// As Unicode lists them; the last is a plane of its own.
const IGNORABLE = [
  [0xad],
  [0x34f],
  [0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff],
  [0xffa0],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];

// Blanks that are not the plain one, and signs that are drawn as nothing.
const BLANK = [[0xa0], [0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f], [0x205f], [0x3000], [0x2800]];

const CONTROL = [[0x0, 0x8], [0xb, 0x1f], [0x7f, 0x9f], [0xd800], [0xdfff], [0xe000], [0x10fffd]];

test.each([
  ["ignorable", IGNORABLE],
  ["blank", BLANK],
  ["control", CONTROL],
])("every %s code point is shown by its number", (_, ranges) => {
  const unmarked: string[] = [];
  for (const [from, to = from] of ranges) {
    for (let point = from!; point <= to!; point += 1) {
      if (visible(`a${String.fromCodePoint(point)}b`) !== `a\\u{${point.toString(16)}}b`)
        unmarked.push(point.toString(16));
    }
  }
  expect(unmarked).toEqual([]);
});

test("what is drawn stays as it is", () => {
  const text = "a b\tc\nd é e\u0301 日本語 Ελλάδα עברית 🙂 €½ \\u{41}";
  expect(visible(text)).toBe(text);
});

test("what is written out is told from what hides, in texts and in quotes", () => {
  expect(visibleOnce("a\u200b \\u{200b} \\n")).toBe("a\\u{200b} \\u{5c}u{200b} \\n");
  expect(quotedLine("a\u202eb")).toBe('"a\\u{202e}b"');
  expect(quotedLine("a\\u{202e}b\n")).toBe('"a\\\\u{202e}b\\n"');
  expect(quotedLine("abcdef", 4)).toBe('"abc…"');
});

test("a line is made of several, cut where it is too long", () => {
  expect(visibleLine(" a\t\n \n\n  b\u200b\n")).toBe("a ⏎ b\\u{200b}");
  expect(visibleLine("\n")).toBe("");
  expect(visibleLine("abcdef\nghi", 8)).toBe("abcdef …");
  expect(visibleLine(`${" ".repeat(10_000)}rm`, 10)).toBe("…");
  expect(visibleLine(`rm${" ".repeat(10_000)}-rf`, 10)).toBe("rm…");
});

test("blanks without an end take no time", () => {
  const blanks = " ".repeat(100_000);
  const before = threadMs();
  expect(visibleLine(`a${blanks}b`)).toBe("a…");
  expect(visibleLine(`a${blanks}b`, 200_000)).toBe(`a${blanks}b`);
  expect(fitSnippet("a\n", `a${blanks}b`)).toBeUndefined();
  const path = `a${blanks}b`;
  const patch = `*** Begin Patch\n*** Update File: ${path}\n*** Move to: ${path}c\n@@\n-1\n+2\n`;
  expect(parsePatch(patch)).toMatchObject([{ path, moveTo: `${path}c` }]);
  expect(threadMs() - before).toBeLessThan(1000);
});

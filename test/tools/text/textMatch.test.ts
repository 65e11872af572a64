import * as fc from "../../property.ts";
import { expect, test } from "vitest";
import { chooseMatches } from "../../../src/tools/text/chooseMatches.ts";
import { findText, replaceAt } from "../../../src/tools/text/textMatch.ts";

const change = async (text: string, wanted: string, replacement: string): Promise<string | number> => {
  const found = await findText(text, wanted, replacement);
  return found.length === 1 ? replaceAt(text, found) : found.length;
};

test.each<[string, string, string, string, string | number]>([
  ["as written", "a b c", "b", "x", "a x c"],
  ["nowhere", "a b c", "z", "x", 0],
  ["twice", "a a", "a", "x", 2],
  ["nothing wanted", "abc", "", "x", 0],
  ["LF wanted, CRLF there", "one\r\ntwo\r\nthree\r\n", "one\ntwo", "1\n2", "1\r\n2\r\nthree\r\n"],
  ["two lines for one, CRLF there", "one\r\ntwo\r\n", "two", "2\n3", "one\r\n2\r\n3\r\n"],
  ["two lines for one where lines end in both ways", "a\r\nb\nc\r\n", "b", "1\n2", "a\r\n1\n2\nc\r\n"],
  ["two lines for the last one", "a\r\nb", "b", "1\n2", "a\r\n1\r\n2"],
  ["a line ending that is meant to change", "a\r\nb\r\n", "a\r\nb", "a\nb", "a\nb\r\n"],
  [
    "lines that stay, in a text of both endings",
    "a\nb  \r\nc\nd\n",
    "a\nb\nc\n",
    "a\nb\nC\nX\n",
    "a\nb  \r\nC\nX\nd\n",
  ],
  ["a line taken out between others that stay", "a \nb\nc\t\n", "a\nb\nc\n", "a\nc\n", "a \nc\t\n"],
  ["CRLF wanted, LF there", "one\ntwo\nthree\n", "one\r\ntwo", "1\r\n2", "1\n2\nthree\n"],
  [
    "spaces at the line end there",
    "if (a) {  \n  b();\n}\n",
    "if (a) {\n  b();",
    "if (c) {\n  d();",
    "if (c) {\n  d();\n}\n",
  ],
  ["spaces at the line end wanted", "a\nb\nc\n", "a  \nb\t\n", "x\n", "x\nc\n"],
  [
    "deeper there",
    "  if (a) {\n    b();\n  }\n",
    "if (a) {\n  b();\n}",
    "if (a) {\n  c();\n\n  d();\n}",
    "  if (a) {\n    c();\n\n    d();\n  }\n",
  ],
  ["shallower there", "a()\nb()\n", "    a()\n    b()\n", "    a()\n      c()\n", "a()\n  c()\n"],
  ["tabs there", "\tx = 1\n\ty = 2\n", "x = 1\ny = 2", "z = 3", "\tz = 3\n"],
  ["indented unevenly", "  a\n      b\n", "a\nb", "c", 0],
  ["last line without an ending", "a\nb  ", "a \nb", "c", "c"],
  ["loosely in two places", "  a;\n  b;\n--\n  a;\n  b;\n", "a;\nb;", "c;", 2],
  ["blank lines only", "\n\n\n", "  \n \n", "x", 0],
  ["a dollar in the replacement", "a", "a", "$& $1", "$& $1"],
])("%s", async (_, text, wanted, replacement, expected) => {
  expect(await change(text, wanted, replacement)).toBe(expected);
});

test("what is outside the places stays byte for byte", async () => {
  const line = fc.constantFrom("", "a", "  a", "b ", "\tb", "c");
  const text = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 12 })
    .map((rows) => rows.flat().join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.array(line, { minLength: 1, maxLength: 3 }), async (text, wanted) => {
      const found = chooseMatches(text, await findText(text, wanted.join("\n"), "NEW"), true)!;
      let from = 0;
      for (const match of found) {
        expect(match.start).toBeGreaterThanOrEqual(from);
        expect(match.end).toBeGreaterThan(match.start);
        from = match.end;
      }
      const rest = await replaceAt(
        text,
        found.map((match) => ({ ...match, replacement: "" })),
      );
      expect(rest.length).toBe(text.length - found.reduce((sum, match) => sum + match.end - match.start, 0));
    }),
  );
});

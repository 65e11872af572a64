import { describe, expect, test } from "vitest";
import { fitSnippet } from "../../../src/base/text/fitSnippet.ts";

const file = `import { a } from "./a.ts";

export function one(): number {
  return 1;
}

class Box {
  open(): void {
    this.lid = "up";
  }

  shut(): void {
    this.lid = "down";
  }
}
`;

describe("a newer form of a part is put in that part's place", () => {
  test.each([
    [
      "a function",
      "export function one(): number {\n  const is = 1;\n  return is;\n}",
      "return 1;",
      "const is = 1;\n  return is;",
    ],
    ["what is not as far in", 'shut(): void {\n  this.lid = "off";\n}', '"down"', '"off"'],
    [
      "with an ellipsis",
      'class Box {\n  // ... existing code ...\n  shut(): void {\n    this.lid = "gone";\n  }\n}',
      '"down"',
      '"gone"',
    ],
    [
      "with more before it",
      'import { b } from "./b.ts";\nimport { a } from "./a.ts";',
      "import { a }",
      'import { b } from "./b.ts";\nimport { a }',
    ],
    ["the whole of it", file.replace("up", "high"), "up", "high"],
  ])("%s", (_what, snippet, from, to) => {
    expect(fitSnippet(file, snippet)).toBe(file.replace(from, to));
  });

  test("with the line endings of the file", () => {
    const crlf = file.replaceAll("\n", "\r\n");
    const snippet = "export function one(): number {\n  return 2;\n}";
    expect(fitSnippet(crlf, snippet)).toBe(crlf.replace("return 1", "return 2"));
  });

  test("what has no line there, none that tells anything, or several places has none", () => {
    for (const snippet of ["npm install", "}", "", "{\n}\n"]) expect(fitSnippet(file, snippet)).toBeUndefined();
    expect(fitSnippet("say one\nx\nsay one\ny\n", "say one\nz")).toBeUndefined();
    expect(fitSnippet("", "say one")).toBeUndefined();
  });
});

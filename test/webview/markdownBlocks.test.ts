import * as fc from "../property.ts";
import { expect, test } from "vitest";
import { createBlockCutter } from "../../webview-ui/markdown/markdownBlocks.ts";

function cutWhole(text: string): string[] {
  return createBlockCutter().cut(text);
}

test.each([
  ["paragraphs", "one\ntwo\n\nthree", ["one\ntwo\n\n", "three"]],
  ["a fence with empty lines", "a\n\n```ts\nx\n\n\ny\n```\n\nb", ["a\n\n", "```ts\nx\n\n\ny\n```\n\n", "b"]],
  ["a fence in a fence", "````md\n```\n\n```\n````\n\nb", ["````md\n```\n\n```\n````\n\n", "b"]],
  ["a loose list", "1. a\n\n2. b\n\n   more of b\n\nafter", ["1. a\n\n2. b\n\n   more of b\n\n", "after"]],
  ["a fence in a list", "- a\n\n  ```\n  x\n\n  y\n  ```\n\nafter", ["- a\n\n  ```\n  x\n\n  y\n  ```\n\n", "after"]],
  ["an open fence", "a\n\n~~~\nx\n\ny", ["a\n\n", "~~~\nx\n\ny"]],
  ["a line that begins", "a\n\nb", ["a\n\n", "b"]],
  ["a line that may yet be an item", "- a\n\n-", ["- a\n\n-"]],
  ["nothing but space", "\n\n  \n", []],
])("cuts %s", (_name, text, blocks) => {
  expect(cutWhole(text)).toEqual(blocks);
});

const markdown = fc
  .array(fc.constantFrom("a", "- ", "1. ", "```", "~~~", "\n", "\n\n", "    ", "  ", "# ", "> ", "`", "*", "ts"), {
    maxLength: 40,
  })
  .map((parts) => parts.join(""));

test("finished blocks never change as text comes in, however it is broken up", () => {
  fc.assert(
    fc.property(markdown, fc.array(fc.nat(80), { maxLength: 6 }), (text, cuts) => {
      const cutter = createBlockCutter();
      let finished: string[] = [];
      for (const end of [...cuts.sort((a, b) => a - b), text.length]) {
        const blocks = cutter.cut(text.slice(0, end));
        expect(blocks.slice(0, finished.length)).toEqual(finished);
        finished = blocks.slice(0, -1);
      }
      expect(cutter.cut(text)).toEqual(cutWhole(text));
    }),
    { numRuns: 2000 },
  );
});

test("no text is lost but empty lines", () => {
  fc.assert(fc.property(markdown, (text) => cutWhole(text).join("").replace(/\s/g, "") === text.replace(/\s/g, "")));
});

test("another text starts over", () => {
  const cutter = createBlockCutter();
  cutter.cut("one\n\ntwo");
  expect(cutter.cut("other")).toEqual(["other"]);
});

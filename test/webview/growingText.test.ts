import { expect, test } from "vitest";
import * as fc from "../property.ts";
import { createGrowingText, type Block } from "../../webview-ui/markdown/growingText.ts";
import { blockPieces, readBlocks } from "../../webview-ui/markdown/markdown.ts";
import { isUnread, type Piece, type PieceElement } from "../../webview-ui/markdown/pieces.ts";

/** What one reading of the whole shows. */
function readWhole(text: string): (readonly Piece[])[] {
  const context = { references: {} };
  return shown(readBlocks(text, context).map((block) => blockPieces(block, context, false)));
}

/** What definitions leave is nothing. */
function shown(blocks: (readonly Piece[])[]): (readonly Piece[])[] {
  return blocks.filter((pieces) => pieces.length > 0);
}

const piecesOf = (blocks: Block[]) => shown(blocks.map((block) => block.pieces()));

const WORDS = [
  ...[
    "a",
    "b ",
    "- ",
    "1. ",
    "+ ",
    "```",
    "~~~",
    "\n",
    "\n",
    "\n\n",
    "    ",
    "  ",
    "\t",
    "# ",
    "> ",
    "`",
    "*",
    "**",
    "ts",
  ],
  ...[
    "[a]",
    "[a]: /u",
    "[a]: <",
    '"t',
    "| a | b |\n",
    "| - | -: |\n",
    "---",
    "===",
    "\\",
    "![",
    "](x)",
    "<b>",
    "$x_1$",
    "[x] ",
  ],
];
const markdown = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((parts) => parts.join(""));
const cuts = fc.array(fc.nat(120), { maxLength: 8 });

test("however a text comes in, in the end it is what one reading of the whole shows", () => {
  fc.assert(
    fc.property(markdown, cuts, (text, ends) => {
      const growing = createGrowingText();
      for (const end of ends.toSorted((a, b) => a - b)) piecesOf(growing.read(text.slice(0, end), true));
      growing.read(text, true);
      expect(piecesOf(growing.read(text, false))).toEqual(readWhole(text));
    }),
    { numRuns: 3000 },
  );
});

test("what is drawn while a text grows is what one reading of that much shows, but for code and links that are not all there", () => {
  fc.assert(
    fc.property(markdown, cuts, (text, ends) => {
      const growing = createGrowingText();
      for (const end of ends.toSorted((a, b) => a - b)) {
        const part = text.slice(0, end);
        const names = (blocks: (readonly Piece[])[]) =>
          blocks.map(([first]) => (typeof first === "object" ? first.tag : first));
        expect(names(piecesOf(growing.read(part, true)))).toEqual(names(readWhole(part)));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a block that is whole stays the same object while more comes", () => {
  const growing = createGrowingText();
  const [first, growingOne] = growing.read("one\n\ntwo\n", true);
  const [same, second, third] = growing.read("one\n\ntwo\n\nthree\n", true);
  expect(same).toBe(first);
  expect(second).not.toBe(growingOne);
  const later = growing.read("one\n\ntwo\n\nthree\n\n- four\n- five", true);
  expect([later[0] === same, later[1] === second, later[2] === third]).toEqual([true, true, false]);
});

test("a link whose definition comes later is one as soon as it has come", () => {
  const growing = createGrowingText();
  const link = { tag: "a", attributes: { href: "#", title: "src/a.ts", "data-path": "src/a.ts" }, children: ["a"] };
  const [before] = growing.read("see [a]\n\nmore\n", true);
  expect(before!.pieces()).toEqual([{ tag: "p", attributes: {}, children: ["see [a]"] }, "\n"]);
  const [after] = growing.read("see [a]\n\nmore\n\n[a]: src/a.ts\n\nend\n", true);
  expect(after!.pieces()).toEqual([{ tag: "p", attributes: {}, children: ["see ", link] }, "\n"]);
});

test.each([
  ["a list's fence that the list's end ends", "- ```\n\nfoo\n```\nbar\n\nbaz\n"],
  ["a definition whose title goes on", '[a]: /u\n"one\ntwo"\n\n[a]\n'],
  ["a heading that was a list's item", "one\n-\n--\n\ntwo\n"],
  ["no heading yet, and then none", "one\n#\n\ntwo\n"],
  [
    "a table's rows of fewer and more cells, and its end",
    "| a | b |\n| - | :-: |\n| 1 |\n| 2 | 3 | 4 |\n| 1 |\n\ntwo\n",
  ],
  ["a table in a list", "- one\n\n  | a |\n  | - |\n  | b |\n  | c |\n- two\n"],
  ["a table that begins as text", "one\n\n| a |\n| - |\n| b |\n\ntwo\n"],
])("letter by letter: %s", (_name, text) => {
  const growing = createGrowingText();
  for (let end = 1; end <= text.length; end++) piecesOf(growing.read(text.slice(0, end), true));
  expect(piecesOf(growing.read(text, false))).toEqual(readWhole(text));
});

/** The items of a list, in their order. */
function itemsOf(pieces: readonly Piece[]): PieceElement[] {
  const [list] = pieces as [PieceElement];
  return list.children.filter((piece) => typeof piece !== "string");
}

test("items of a list are read when they are drawn, each once, while more of them come", () => {
  const growing = createGrowingText();
  const textOf = (count: number) => Array.from({ length: count }, (_, at) => `- a ${at} [x](y)\n`).join("");
  const items = itemsOf(growing.read(textOf(50), true)[0]!.pieces());
  expect(items.map(isUnread)).toEqual(items.map(() => true));
  const drawn = items.map(({ children }) => children);
  expect(items.map(isUnread)).toEqual(items.map(() => false));
  const later = itemsOf(growing.read(textOf(80), true)[0]!.pieces());
  expect(later.length).toBe(80);
  // The last may grow: it is read again.
  const read = later.filter((one) => !isUnread(one)).map(({ children }) => children);
  expect(read.length).toBe(49);
  read.forEach((children, at) => expect(children).toBe(drawn[at]));
  const whole = itemsOf(growing.read(textOf(80), false)[0]!.pieces());
  expect(whole.filter((one) => !isUnread(one))).toEqual(later.slice(0, 49));
});

test("rows of a table are read when they are drawn, each once, while more of them come", () => {
  const growing = createGrowingText();
  const rowsOf = (count: number, isOpen: boolean) => {
    const rows = Array.from({ length: count }, (_, at) => `| ${at} | [x](y) |\n`).join("");
    const [block] = growing.read(`| a | b |\n| --- | ---: |\n${rows}`, isOpen)[0]!.pieces() as [PieceElement];
    const [table] = block.children as [PieceElement];
    const [head, body] = table.children.filter((piece) => typeof piece !== "string");
    return [...itemsOf([head!]), ...itemsOf([body!])];
  };
  const rows = rowsOf(50, true);
  expect(rows.map(isUnread)).toEqual(rows.map(() => true));
  const drawn = rows.map(({ children }) => children);
  expect(drawn[3]).toContainEqual({
    tag: "td",
    attributes: { class: "right" },
    children: [expect.objectContaining({ tag: "a" })],
  });
  const later = rowsOf(80, true);
  expect(later.length).toBe(81);
  const read = later.filter((one) => !isUnread(one)).map(({ children }) => children);
  expect(read.length).toBe(50);
  read.forEach((children, at) => expect(children).toBe(drawn[at]));
});

test("an item that names a link is read again when the link is defined", () => {
  const growing = createGrowingText();
  const list = "- see [a]\n- and\n";
  const before = itemsOf(growing.read(list, true)[0]!.pieces());
  expect(before[0]!.children).toEqual(["see [a]"]);
  const after = itemsOf(growing.read(`${list}\n\n[a]: src/a.ts\n\nend\n`, true)[0]!.pieces());
  expect(after[0]!.children).toEqual(["see ", expect.objectContaining({ tag: "a" })]);
});

test("another text starts over", () => {
  const growing = createGrowingText();
  growing.read("one\n\ntwo\n\nthree", true);
  expect(piecesOf(growing.read("other", true))).toEqual(readWhole("other"));
});

test("lines end as they end", () => {
  const growing = createGrowingText();
  for (const part of ["one\r", "one\r\n", "one\r\n\r", "one\r\n\r\ntwo\r\n"]) growing.read(part, true);
  expect(piecesOf(growing.read("one\r\n\r\ntwo\r\n", false))).toEqual(readWhole("one\n\ntwo\n"));
});

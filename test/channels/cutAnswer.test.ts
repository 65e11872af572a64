import * as fc from "../property.ts";
import { expect, test } from "vitest";
import { cutAnswer, MAX_TEXT } from "../../src/channels/telegram/cutAnswer.ts";
import { findMisfits, parseTelegramHtml } from "../fakes/telegramHtml.ts";

function shown(markdown: string) {
  return cutAnswer(markdown).map((part) => {
    if (part.kind === "file") return `[${part.name}] ${part.data.toString()}`;
    const { text, entities } = parseTelegramHtml(part.marked!);
    const styles = entities.map(
      ({ type, offset, length, attributes }) =>
        `${type}${attributes === "" ? "" : `(${attributes})`}:${text.slice(offset, offset + length)}`,
    );
    return [text, ...styles].join(" | ");
  });
}

test.each<[string, string[]]>([
  ["plain & <b>not bold</b>", ["plain & <b>not bold</b>"]],
  ["**a _b_** `c<d>` ~~e~~", ["a b c<d> e | italic:b | bold:a b | code:c<d> | strikethrough:e"]],
  ["# Title\n\ntext", ["Title\n\ntext | bold:Title"]],
  ["1. a\n2. b\n   - c\n\nend", ["1. a\n2. b\n  • c\n\nend"]],
  ["> said\n> **so**\n\nthen", ["said\nso\n\nthen | bold:so | blockquote:said\nso"]],
  [
    '[here](https://e.org/?a=1&b="x") [mail](mailto:a@b.c) ![alt](http://e.org/p.png)',
    ['here mail (mailto:a@b.c) alt (http://e.org/p.png) | text_link(href="https://e.org/?a=1&amp;b=%22x%22"):here'],
  ],
  ["[x](javascript:alert(1))", ["[x](javascript:alert(1))"]],
  ["```ts\nlet a = 1 < 2;\n```", ['let a = 1 < 2; | code(class="language-ts"):let a = 1 < 2; | pre:let a = 1 < 2;']],
  ["| a | b |\n|---|---|\n| 1 | long |", ["a | b\n1 | long | pre:a | b\n1 | long"]],
  ["**bold `code` bold**", ["bold code bold | bold:bold  | code:code | bold: bold"]],
  [" \n\n ", []],
])("%j", (markdown, expected) => expect(shown(markdown)).toEqual(expected));

test("long answers are cut at paragraphs, lines, words and letters, and code goes on as code", () => {
  const paragraphs = Array.from({ length: 3 }, (_, at) => `${at}${"x".repeat(1800)}`);
  expect(shown(paragraphs.join("\n\n"))).toEqual([`${paragraphs[0]}\n\n${paragraphs[1]}`, paragraphs[2]]);
  const emoji = "😀".repeat(3000);
  expect(shown(emoji).map((text) => text.length)).toEqual([4096, 1904]);
  const code = Array.from({ length: 100 }, (_, at) => `line ${at} ${"y".repeat(20)}`).join("\n");
  const parts = shown(`${"w ".repeat(900)}\n\n\`\`\`\n${code}\n\`\`\``);
  expect(parts).toHaveLength(2);
  expect(parts[1]).toMatch(/ \| pre:/);
  const long = "z\n".repeat(3000).trimEnd();
  expect(shown(`before\n\n\`\`\`python\n${long}\n\`\`\`\n\nafter`)).toEqual(["before", `[code-1.py] ${long}`, "after"]);
  const huge = "word ".repeat(9000);
  expect(shown(huge).map((text) => text.slice(0, 11))).toEqual(["word word w", "[answer.md]"]);
});

test("whatever is said, Telegram takes it: its tags are closed, its parts fit, and no letter is lost", () => {
  const piece = fc.constantFrom(
    ...[
      "**",
      "*",
      "_",
      "`",
      "```\n",
      "~~",
      "<b>",
      "</b>",
      "&amp;",
      "&",
      "<",
      ">",
      "> ",
      "# ",
      "- ",
      "1. ",
      "| a | b |\n|-|-|\n| ",
    ],
    ...[
      "[x](http://e.org)",
      "[",
      "](",
      ")",
      "\\",
      "😀",
      "\u202e",
      "word ",
      "\n",
      "\n\n",
      "x".repeat(700),
      " ".repeat(50),
      "```ts\n",
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      for (const part of cutAnswer(pieces.join(""))) {
        if (part.kind === "file") continue;
        const { text, entities } = parseTelegramHtml(part.marked!);
        expect(text).toBe(part.text);
        expect(text.trim()).not.toBe("");
        expect(text.length).toBeLessThanOrEqual(MAX_TEXT);
        expect(findMisfits(entities)).toEqual([]);
        expect(text.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

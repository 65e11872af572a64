import * as fc from "../../property.ts";
import { expect, test } from "vitest";
import { cutForDiscord, MAX_CONTENT } from "../../../src/channels/discord/cutForDiscord.ts";
import { escapeMarkdown } from "../../../src/channels/discord/toMarkdown.ts";
import { showDiscordMarkdown } from "../../fakes/discord/discordMarkdown.ts";

function shown(markdown: string) {
  return cutForDiscord(markdown).map((part) => {
    if (part.kind === "file") return `[${part.name}] ${part.data.toString()}`;
    const { text, spans } = showDiscordMarkdown(part.marked!);
    return [text, ...spans.map((one) => `${one.is}:${one.text}`)].join(" | ");
  });
}

test.each<[string, string[]]>([
  ["plain & <b>not bold</b> snake_case_name @everyone <@1> :smile: ||x||", undefined as never],
  ["**a** _b_ `c<d>` ~~e~~ __f__", ["a b c<d> e f | bold:a | italic:b | code:c<d> | strike:e | bold:f"]],
  ["**bold***italic*~~gone~~_x_y", ["bolditalicgone_x_y | bold:bold | italic:italic | strike:gone"]],
  ["# Title\n\n- a\n  1. b\n\n\\# no title", ["Title\n\n• a\n  1. b\n\n# no title | bold:Title"]],
  ["> said\n> **so**\n\nthen", ["said\nso\n\nthen | quote:said | bold:so | quote:so"]],
  [
    "[here](https://e.org/?a=1&b=(2)) [mail](mailto:a@b.c) https://e.org/a_b_c. [https://a.org](https://b.org)",
    [
      "here mail (mailto:a@b.c) https://e.org/a_b_c. https://a.org (https://b.org) | masked:here -> https://e.org/?a=1&b=(2) | link:https://e.org/a_b_c | link:https://b.org",
    ],
  ],
  ["```ts\nlet a = `1`;\n```\n\n`` a`b ``", ["let a = `1`;\n\na`b | block:let a = `1`; | code:a`b"]],
  ["````md\n```\nx\n```\n````", ["[code-1.md] ```\nx\n```"]],
  [" \n\n ", []],
  ["\u200b", []],
  [
    "see https://e.org/__tests__/*a* (https://e.org/A_(b)) and **https://e.org/_c_/d**",
    [
      "see https://e.org/__tests__/*a* (https://e.org/A_(b)) and https://e.org/_c_/d | link:https://e.org/__tests__/*a | link:https://e.org/A_(b) | link:https://e.org/_c_/d",
    ],
  ],
  ["so :+1: and :e-mail: at 12:30:45", ["so :+1: and :e-mail: at 12:30:45"]],
  [
    "[банк.рф](https://e.org/) [a\u200b.b](https://e.org/) [paypal\u2024com](https://e.org/) [мой банк](https://e.org/)",
    [
      "банк.рф (https://e.org/) a\u200b.b (https://e.org/) paypal\u2024com (https://e.org/) мой банк | link:https://e.org/ | link:https://e.org/ | link:https://e.org/ | masked:мой банк -> https://e.org/",
    ],
  ],
  ["[`code`](https://e.org/x)", ["code (https://e.org/x) | code:code | link:https://e.org/x"]],
])("%j", (markdown, expected) => expect(shown(markdown)).toEqual(expected ?? [markdown]));

test("what is no Markdown of anybody's is shown as it is, whatever it looks like", () => {
  const text = fc.array(
    fc.constantFrom(
      ...[
        "*",
        "**",
        "_",
        "__",
        "~~",
        "`",
        "```",
        "||",
        "\\",
        "> ",
        "# ",
        "-# ",
        "- ",
        "1. ",
        "[x](<http://e.org>)",
        "<",
      ],
      ...[
        "@everyone",
        "<@1>",
        "<#2>",
        "<:a:3>",
        ":smile:",
        ":+1:",
        "https://e.org/a_b",
        "word",
        " ",
        "\n",
        "😀",
        ":",
        ">",
        "!",
      ],
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(text, (pieces) => {
      const given = pieces.join("");
      expect(showDiscordMarkdown(escapeMarkdown(given))).toEqual({ text: given, spans: [] });
    }),
    { numRuns: 2000 },
  );
});

test("long answers are cut at paragraphs and fences; code goes on as code, and long code is a file", () => {
  const paragraphs = Array.from({ length: 3 }, (_, at) => `${at}${"x".repeat(900)}`);
  expect(shown(paragraphs.join("\n\n"))).toEqual([`${paragraphs[0]}\n\n${paragraphs[1]}`, paragraphs[2]]);
  // As it is written it is twice as long as it is read.
  expect(shown("\\*".repeat(1500)).map((text) => text.length)).toEqual([960, 240, 300]);
  const code = Array.from({ length: 60 }, (_, at) => `line ${at} ${"y".repeat(15)}`).join("\n");
  const parts = shown(`${"w ".repeat(700)}\n\n\`\`\`py\n${code}\n\`\`\``);
  expect(parts).toHaveLength(2);
  expect(parts[1]).toMatch(/ \| block:/);
  const long = "z\n".repeat(1000).trimEnd();
  expect(shown(`before\n\n\`\`\`python\n${long}\n\`\`\`\n\nafter`)).toEqual(["before", `[code-1.py] ${long}`, "after"]);
  expect(shown("word ".repeat(9000)).map((text) => text.slice(0, 11))).toEqual(["word word w", "[answer.md]"]);
});

test("an answer that would be a flood of messages or of files is told in its beginning, with the whole of it behind", () => {
  for (const flood of ["````\n```\n````\n".repeat(400), "<b>".repeat(3000), "[".repeat(9000)]) {
    const parts = cutForDiscord(flood);
    expect(parts.length).toBeLessThan(7);
    expect(parts.at(-1)).toMatchObject({ kind: "file", name: "answer.md", data: Buffer.from(flood) });
  }
  expect(cutForDiscord("a\ud83d b")).toEqual([{ kind: "text", text: "a\ufffd b", marked: "a\ufffd b" }]);
});

test.each([
  ["[**x** y](https://e.org/AAA) z", "x y (https://e.org/AAA) z"],
  ["[`x`](https://e.org/AAA) > z", "x (https://e.org/AAA) > z"],
  ["> <https://e.org/AAA> z", "https://e.org/AAA z"],
])("a link whose address fills a message is its words and its address, cut as any text: %s", (markdown, text) => {
  for (const letter of ["a", "漢", "😀"]) {
    const count = Math.ceil(2100 / encodeURI(letter).length);
    const parts = shown(markdown.replace("AAA", letter.repeat(count))).map((part) => part.split(" | ")[0]!);
    // Where it stands as it was written, it is read so.
    const address = (markdown.includes("<h") ? letter : encodeURI(letter)).repeat(count);
    expect(parts.join("").replaceAll(" ", "")).toBe(text.replace("AAA", address).replaceAll(" ", ""));
  }
});

test("whatever links there are, the parts fit", () => {
  const link = fc.tuple(fc.constantFrom("x", "`y`", "**z** z", "😀"), fc.constantFrom(190, 1790, 1990), fc.boolean());
  const linked = link.map(
    ([label, length, isQuote]) => `${isQuote ? "> " : ""}[${label}](https://e.org/${"a".repeat(length)})`,
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(linked, fc.constantFrom(" ", "word ", "\n\n"))), (pieces) => {
      for (const part of cutForDiscord(pieces.join("")))
        if (part.kind === "text") {
          expect(part.marked!.length).toBeLessThanOrEqual(MAX_CONTENT);
          expect(part.marked!.isWellFormed()).toBe(true);
        }
    }),
    { numRuns: 100 },
  );
});

test("whatever is said, Discord takes it: its parts fit, no letter is lost, and it calls nobody", () => {
  const piece = fc.constantFrom(
    ...["**", "*", "_", "`", "``", "```\n", "~~", "||", "<", ">", "> ", "# ", "- ", "1. ", "| a | b |\n|-|-|\n| "],
    ...["[x](http://e.org)", "[", "](", ")", "\\", "😀", "@here", "<@1>", ":a:", "word ", "w", "\n", "\n\n"],
    ...["x".repeat(700), "*".repeat(300), " ".repeat(50), "```ts\n", "http://e.org/a_b*"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      for (const part of cutForDiscord(pieces.join(""))) {
        if (part.kind === "file") continue;
        const { text, spans } = showDiscordMarkdown(part.marked!);
        expect(text).toBe(part.text);
        expect(part.marked!.length).toBeLessThanOrEqual(MAX_CONTENT);
        expect(spans.filter(({ is }) => is === "mention" || is === "emoji" || is === "spoiler")).toEqual([]);
        expect(part.marked!.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 600, examples: [[["> ", "- ", " ".repeat(50), "**"]]] },
  );
});

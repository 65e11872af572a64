import MarkdownIt from "markdown-it";
import { expect, test } from "vitest";
import { english } from "../../fakes/english.ts";
import { fencedMarkdown, inlineMarkdown, plainMarkdown } from "../../../src/base/text/markdown.ts";
import type { RehearsalReport } from "../../../src/protocol/written/rehearsal.ts";
import { comparisonText } from "../../../src/vscode/pages/comparison.ts";
import { firingsPage } from "../../../src/vscode/pages/firingsPage.ts";
import { type RehearsalWords, rehearsalPage } from "../../../src/vscode/pages/rehearsalPage.ts";

const HOSTILE = [
  "![x](https://evil.example.org/a.png)",
  "[x](command:workbench.action.quit)",
  "[x](javascript:alert(1))",
  "\\[x](https://evil.example.org)",
  "&#91;x](https://evil.example.org)",
  "<https://evil.example.org>",
  "https://evil.example.org and www.evil.example.org",
  "//evil.example.org/x and https&#58;//evil.example.org",
  "mailto:a@example.org, a@example.org, ftp://evil.example.org",
  '<img src="x" onerror="1">',
  "<!-- hidden",
  "`<img src=x>` `a`` <img src=x>",
  "```\n![x](https://evil.example.org/a.png)",
  "```html",
  "~~~",
  "# Head\r\n\r\n## More\u2028![x](https://evil.example.org)",
  "- item",
  "1. item",
  "> quote",
  "===",
  "| a | b |\n|---|---|\n| ![x](https://evil.example.org) | |",
  "[a]: https://evil.example.org\n[a]",
  "\u202eevil\u001b[31m",
];

const rendered = (markdown: string) => new MarkdownIt({ html: true, linkify: true }).render(markdown);
const foreign = /<(a|img|script|!--|h\d|ul|ol|li|blockquote|table)\b|command:/;

test.each(HOSTILE)("%j is read as text, wherever it stands", (text) => {
  for (const markdown of [inlineMarkdown(text), plainMarkdown(text), `Before: ${plainMarkdown(text)}`]) {
    expect(rendered(markdown).replace(/command:workbench/, "")).not.toMatch(foreign);
    expect(markdown).not.toMatch(/[\n\r\u2028\u202e\u001b]/);
  }
  const after = rendered(`${fencedMarkdown(text)}\n\nAfter`);
  expect(after).toMatch(/^<pre><code>[^]*<\/code><\/pre>\n<p>After<\/p>\n$/);
  expect(rendered(`${plainMarkdown(text)}\n\nAfter`)).toContain("<p>After</p>");
});

const words: RehearsalWords = {
  title: (name) => `Rehearsal of ${name}`,
  asked: "Asked",
  nothing: "Nothing",
  times: (count) => `${count} times`,
  grant: "Grant",
  granted: "Granted",
  ungranted: "Cannot",
  mayDo: "May do",
  condition: "Condition",
  holds: "holds",
  delivery: "Delivery",
  write: (file) => `Write this into ${file}:`,
  goesOn: "It goes on.",
  decision: String,
};

test.each(HOSTILE)(
  "the editor's pages of a job and of sub-agents that say %j show it, and make nothing of it",
  (text) => {
    const asked: RehearsalReport["asked"][number] = {
      ...{ number: 1, tool: text, exact: text, cwd: text, reason: text, times: 1, decision: "allow", by: text },
      ...{ grants: [], words: text, granted: false },
    };
    const pages = [
      rehearsalPage(
        {
          ...{
            jobId: "j",
            name: text,
            runId: "r",
            sessionKey: "s",
            state: "finished",
            startedAt: null,
            finishedAt: null,
          },
          ...{ outcome: null, notes: [text], asked: [asked], mayDo: text, condition: { command: text, unmet: text } },
          ...{ delivery: { mode: "webhook", url: text, text, status: "not sent" }, yaml: text, file: text },
        },
        words,
      ),
      firingsPage(
        {
          firings: [{ jobId: "j", name: text, slot: "", at: "2027-10-30T22:30:00.000Z", cause: "schedule" }],
          waiting: [{ jobId: "j", name: text, schedule: { kind: "file", glob: text } }],
        },
        { language: "en", timeZone: "UTC", now: 0 },
        { title: "T", retry: "r", waiting: "w", none: "n" },
      ),
      comparisonText(
        text,
        [
          {
            name: text,
            state: text,
            tokens: 1,
            costUsd: 0,
            reply: text,
            patch: `diff --git a/x b/${text.split("\n")[0]}\n`,
          },
        ],
        english,
      ),
    ];
    for (const page of pages) {
      const html = rendered(page).replace(/<pre>[^]*?<\/pre>/g, "");
      expect(html).not.toMatch(/<(a|img|script|!--)\b/);
    }
  },
);

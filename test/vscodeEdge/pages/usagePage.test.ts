import { expect, test } from "vitest";
import { english } from "../../fakes/english.ts";
import { usagePage } from "../../../src/vscode/pages/usagePage.ts";
import { costWords, sumBy, sumByDay, sumUsage, type UsageEntry } from "../../../src/vscode/pages/usageSums.ts";

const now = Date.parse("2026-11-23T10:00:00Z");
const row = (more: Partial<UsageEntry>): UsageEntry => ({
  day: "2026-11-23",
  sessionKey: "main",
  model: "a/large",
  requests: 1,
  inputTokens: 100,
  outputTokens: 10,
  cacheReadTokens: 1000,
  cacheWriteTokens: 0,
  costUsd: 0.5,
  unpriced: 0,
  ...more,
});
const rows = [
  row({}),
  row({ day: "2026-11-21", sessionKey: "s-1", model: "b/small", costUsd: 0.02, inputTokens: 9000 }),
  row({ sessionKey: "s-1", model: "local/free", costUsd: 0, unpriced: 1 }),
];

test("sums by day fill the days without use, and by model put the most first", () => {
  expect(sumByDay(rows, 3, now).map(({ key, tokens }) => [key, tokens])).toEqual([
    ["2026-11-21", 10_010],
    ["2026-11-22", 0],
    ["2026-11-23", 2220],
  ]);
  expect(sumBy(rows, "model", "tokens").map(({ key }) => key)).toEqual(["b/small", "a/large", "local/free"]);
  expect(sumBy(rows, "model", "cost").map(({ key }) => key)).toEqual(["a/large", "b/small", "local/free"]);
});

test("what has no known price is said so, never counted as nothing", () => {
  expect(costWords(sumUsage("", rows), english)).toBe("$0.52 + 1 unpriced");
  expect(costWords(sumUsage("", rows.slice(2)), english)).toBe("price unknown");
  expect(costWords(sumUsage("", rows.slice(1, 2)), english)).toBe("$0.0200");
  expect(costWords(sumUsage("", []), english)).toBe("$0.00");
});

test("the page has a chart with its figures in tables, no script, and nothing of a title as markup", () => {
  const html = usagePage({
    rows,
    days: 7,
    measure: "cost",
    now,
    texts: english,
    head: { nonce: "n0", script: "page.js" },
    titleOf: (key) => (key === "main" ? "Main" : '<img src=x onerror="1">'),
  });
  expect(html).toContain(
    "default-src 'none'; style-src 'nonce-n0'; script-src 'nonce-n0'; form-action 'none'; base-uri 'none'",
  );
  expect(html).not.toMatch(/<img|style="/);
  expect(html.match(/<script[^>]*>/g)).toEqual([`<script type="module" nonce="n0" src="page.js">`]);
  expect(html.match(/<g><title>/g)).toHaveLength(7);
  expect(html).toContain("<title>2026-11-23: 2,220 tokens, $0.50 + 1 unpriced</title>");
  expect(html).toContain("<caption>By session</caption>");
  expect(html).toContain("&#60;img src=x onerror=&#34;1&#34;&#62;");
  expect(html).toMatch(/aria-current="true">7 days/);
  expect(html).toMatch(/aria-current="true">Money/);
});

test("with nothing used it says so", () => {
  const page = {
    rows: [],
    days: 30,
    measure: "tokens" as const,
    now,
    texts: english,
    head: { nonce: "n", script: "page.js" },
    titleOf: String,
  };
  expect(usagePage(page)).toContain("Nothing was used in the last 30 days.");
});

import type { PageText } from "../../protocol/browser.ts";
import { watchPasswords } from "./passwords.ts";
import { unreadableParts } from "./unreadable.ts";
import type { Tab } from "../session/tab.ts";
import { cutText, headOf } from "../../base/cutText.ts";

/** What one answer holds of a page. */
export const PAGE_CHARS = 12_000;
const MAX_KEPT_CHARS = 2_000_000;
const MAX_LINE_CHARS = 500;
const MAX_CHANGED_LINES = 60;
const MAX_CHANGED_CHARS = 5000;

/** The accessibility tree of a tab with its frames, which from now on is what its refs mean. */
export async function takeSnapshot(tab: Tab, signal: AbortSignal): Promise<string> {
  const { page } = tab;
  const { document } = tab;
  const withoutPasswords = watchPasswords(page);
  const [tree, title, unreadable] = await Promise.all([
    page.ariaSnapshot({ mode: "ai", signal, timeout: 0 }).then(withoutPasswords),
    // A page that is busy is waited for as long as for its tree.
    page.title().catch(() => ""),
    unreadableParts(page),
  ]);
  const text = [tidy(tree), ...unreadable].filter((part) => part !== "").join("\n");
  tab.seen = { text, url: page.url(), title, document };
  return text;
}

/** From `offset` on, up to the end of a line. */
export function toPageText(text: string, offset: number, maxChars = PAGE_CHARS): PageText {
  const start = Math.min(offset, text.length);
  const end = start + maxChars >= text.length ? text.length : lineEnd(text, start, start + maxChars);
  return {
    text: text.slice(start, end),
    offset: start,
    totalChars: text.length,
    ...(end < text.length ? { nextOffset: end } : {}),
  };
}

/** Lines that came and went. Refs make lines unique, so counting them is enough; moves are not told. */
export function diffLines(before: string, after: string): { lines: string[]; moreLines: number } {
  if (before === after) return { lines: [], moreLines: 0 };
  const old = before.split("\n");
  const now = after.split("\n");
  const changed = [
    ...without(old, now).map((line) => `-${line.replace(/^( *)- /, "$1 ")}`),
    ...without(now, old).map((line) => `+${line.replace(/^( *)- /, "$1 ")}`),
  ];
  let chars = 0;
  const fitting = changed.slice(0, MAX_CHANGED_LINES).filter((line) => (chars += line.length) <= MAX_CHANGED_CHARS);
  return { lines: fitting, moreLines: changed.length - fitting.length };
}

function without(lines: string[], others: string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

function tidy(tree: string): string {
  const cut =
    tree.length > MAX_KEPT_CHARS ? `${headOf(tree, MAX_KEPT_CHARS)}\n[the rest of this page is left out]` : tree;
  return cut
    .split("\n")
    .map((line) => cutText(line, MAX_LINE_CHARS))
    .join("\n");
}

function lineEnd(text: string, start: number, end: number): number {
  const at = text.lastIndexOf("\n", end - 1);
  return at > start ? at + 1 : end;
}

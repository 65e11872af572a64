import MarkdownIt, { type Token } from "markdown-it";
import { headOf } from "../base/cutText.ts";

/** How a stretch of text is shown. A network has what it has of it. */
export type Style =
  | { is: "bold" | "italic" | "strike" | "code" | "quote" }
  | { is: "block"; language: string }
  | { is: "link"; url: string };

/** A text as stretches, each with its styles from the outside in. */
export type Stretch = { text: string; styles: Style[] };

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false });
// What stands in an address is no markup, as the underscores of https://example.org/__tests__. Where one stands bare it is text, as written.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
parser.core.ruler.disable("linkify");
parser.normalizeLinkText = (url) => url;
const imageParser = new MarkdownIt({ html: false });
// Beside a longer one no word fits into a message of Discord.
const MOST_ADDRESS = 1800;
// Deeper than this nobody writes, and a parser that goes down for each may run out of stack.
const MOST_NESTED = 20;

/** What Markdown says, as plain text with styles: headings are bold, items have bullets, tables are blocks of text. */
export function toStretches(markdown: string): Stretch[] {
  const out: Stretch[] = [];
  const state: Reading = { out, styles: [], lists: [], gap: "" };
  for (const token of parser.parse(markdown, {})) readBlock(state, token);
  return out.filter(({ text }) => text !== "");
}

/** Whether a network makes a link of it; the address of any other stands in the text. */
export function isLinkable(url: string): boolean {
  return url.length <= MOST_ADDRESS && /^https?:\/\//i.test(url);
}

/** Where the images are that a text shows, each once, but for those of the web. */
export function imageSources(markdown: string): string[] {
  const inline = imageParser.parse(markdown, {}).flatMap(({ children }) => children ?? []);
  const sources = inline.flatMap((token) => (token.type === "image" ? String(token.attrGet("src") ?? "") : []));
  return [...new Set(sources.map(decoded))].filter((source) => source !== "" && !/^[a-z][a-z0-9+.-]+:/i.test(source));
}

/** The parser writes what no address may hold as %20. */
function decoded(source: string): string {
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
}

interface Reading {
  out: Stretch[];
  styles: Style[];
  /** Of each list around: its next number, or undefined for bullets. */
  lists: (number | undefined)[];
  /** What comes before the next text. */
  gap: string;
  /** Of a table: its cells so far. */
  rows?: string[][];
}

function say(state: Reading, text: string, styles = state.styles): void {
  if (text === "") return;
  if (state.gap !== "" && state.out.length > 0) state.out.push({ text: state.gap, styles: [] });
  state.gap = "";
  state.out.push({ text, styles: [...styles] });
}

function readBlock(state: Reading, token: Token): void {
  const { type } = token;
  if (state.rows) return readTable(state, token);
  if (type === "table_open") state.rows = [];
  else if (type === "heading_open") state.styles.push({ is: "bold" });
  else if (type === "blockquote_open") state.styles.push({ is: "quote" });
  else if (type === "heading_close" || type === "blockquote_close") {
    state.styles.pop();
    state.gap = "\n\n";
  } else if (type === "bullet_list_open") state.lists.push(undefined);
  else if (type === "ordered_list_open") state.lists.push(Number(token.attrGet("start") ?? 1));
  else if (type === "bullet_list_close" || type === "ordered_list_close") {
    state.lists.pop();
    state.gap = state.lists.length > 0 ? "\n" : "\n\n";
  } else if (type === "list_item_open") {
    const number = state.lists.at(-1);
    if (number !== undefined) state.lists[state.lists.length - 1] = number + 1;
    const indent = "  ".repeat(Math.max(0, Math.min(state.lists.length, MOST_NESTED) - 1));
    say(state, `${indent}${number === undefined ? "•" : `${number}.`} `);
  } else if (type === "list_item_close") state.gap = "\n";
  else if (type === "paragraph_close") state.gap = token.hidden ? "\n" : "\n\n";
  else if (type === "hr") {
    say(state, "———");
    state.gap = "\n\n";
  } else if (type === "fence" || type === "code_block") {
    const language = /^[\w+#.-]{1,30}/.exec(token.info)?.[0] ?? "";
    say(state, token.content.replace(/\n$/, ""), [{ is: "block", language }]);
    state.gap = "\n\n";
  } else if (type === "inline") readInline(state, token.children ?? []);
  return undefined;
}

function readInline(state: Reading, tokens: Token[]): void {
  const before = state.styles.length;
  const links: string[] = [];
  const written = tokens.filter(({ type, markup }) => markup !== "linkify" || type === "text");
  for (const { type, content, markup, attrGet, ...token } of written.map((one) => withGetter(one))) {
    if (type === "text") say(state, content);
    else if (type === "code_inline") say(state, content, [...state.styles, { is: "code" }]);
    else if (type === "softbreak" || type === "hardbreak") say(state, "\n");
    else if (type === "strong_open") state.styles.push({ is: "bold" });
    else if (type === "em_open") state.styles.push({ is: "italic" });
    else if (type === "s_open") state.styles.push({ is: "strike" });
    else if (type === "link_open") {
      const url = attrGet("href") ?? "";
      links.push(url);
      state.styles.push({ is: "link", url });
    } else if (type === "image") say(state, `${token.alt} (${attrGet("src") ?? ""})`);
    else if (type.endsWith("_close")) {
      state.styles.pop();
      // Where a link leads is read before it is followed.
      const url = type === "link_close" ? links.pop() : undefined;
      const isRead = markup === "autolink" && /^https?:/i.test(url ?? "");
      if (url !== undefined && !isRead && !isLinkable(url)) say(state, ` (${url})`);
    }
  }
  state.styles.length = before;
}

function withGetter(token: Token) {
  const { type, content, markup } = token;
  return { type, content, markup, alt: content, attrGet: (name: string) => String(token.attrGet(name) ?? "") };
}

/** Columns that line up only show in letters of one width. */
function readTable(state: Reading, { type, content }: Token): void {
  const rows = state.rows!;
  if (type === "tr_open") rows.push([]);
  else if (type === "inline") rows.at(-1)!.push(content);
  else if (type === "table_close") {
    delete state.rows;
    const widths = rows.reduce<number[]>(
      (most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, Math.min(cell.length, 60))),
      [],
    );
    const lines = rows.map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join(" | ")
        .trimEnd(),
    );
    say(state, lines.join("\n"), [{ is: "block", language: "" }]);
    state.gap = "\n\n";
  }
}

/**
 * Cuts stretches into parts of at most `max` UTF-16 units of text: at a paragraph's end if there is one in the second half, else at a
 * line's, a word's, or a letter's. What is styled goes on so in the next part.
 */
export function cutStretches(stretches: Stretch[], max: number): Stretch[][] {
  const parts: Stretch[][] = [];
  let left = trimmed(startTrimmed(stretches));
  for (;;) {
    const text = left.map((one) => one.text).join("");
    if (text.trim() === "") return parts;
    if (text.length <= max) return [...parts, left];
    const at = cutAt(text, max, blockAround(left, max));
    const [head, tail] = splitAt(left, at);
    parts.push(trimmed(head));
    left = startTrimmed(tail);
  }
}

function cutAt(text: string, max: number, block: { from: number } | undefined): number {
  const half = max / 2;
  const head = text.slice(0, max + 1);
  // A block of code is left whole where that leaves a part of some size before it.
  if (block && block.from > half) return block.from;
  for (const border of ["\n\n", "\n", " "]) {
    const found = head.lastIndexOf(border, max);
    if (found > half) return found;
  }
  return headOf(text, max).length || max;
}

/** Where the block of code begins that goes over `max`. */
function blockAround(stretches: Stretch[], max: number): { from: number } | undefined {
  let from = 0;
  for (const { text, styles } of stretches) {
    if (from <= max && from + text.length > max) return styles.some(({ is }) => is === "block") ? { from } : undefined;
    from += text.length;
  }
  return undefined;
}

function splitAt(stretches: Stretch[], at: number): [Stretch[], Stretch[]] {
  const head: Stretch[] = [];
  const tail: Stretch[] = [];
  let from = 0;
  for (const stretch of stretches) {
    const { text, styles } = stretch;
    const place = Math.min(Math.max(at - from, 0), text.length);
    if (place > 0) head.push({ text: text.slice(0, place), styles });
    if (place < text.length) tail.push({ text: text.slice(place), styles });
    from += text.length;
  }
  return [head, tail];
}

/** Without the blank lines that the border was. Within a line of code, blanks count. */
function startTrimmed(stretches: Stretch[]): Stretch[] {
  const [first, ...rest] = stretches;
  if (!first) return [];
  const isCode = first.styles.some(({ is }) => is === "block");
  const text = isCode ? first.text.replace(/^\n/, "") : first.text.replace(/^[\n ]{1,100}/, "");
  return text === "" ? startTrimmed(rest) : [{ ...first, text }, ...rest];
}

function trimmed(stretches: Stretch[]): Stretch[] {
  const last = stretches.at(-1);
  if (!last) return [];
  const text = last.text.trimEnd();
  return text === "" ? trimmed(stretches.slice(0, -1)) : [...stretches.slice(0, -1), { ...last, text }];
}

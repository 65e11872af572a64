import { visible } from "../../base/text/visible.ts";
import { isTypographicQuote, placeOf } from "../../base/text/typographicQuotes.ts";

/** Where a text stops being JSON, and why, as in `line 1, column 2: “ is a typographic quote; use "`. */
export function describeJsonFault(text: string, error: unknown): string {
  const offset = strayOffset(text) ?? offsetOf(error) ?? text.length;
  const { line, column } = placeOf(text, offset);
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const what =
    offset >= text.length
      ? "the text ends too early"
      : isTypographicQuote(character)
        ? `${character} is a typographic quote; use "`
        : character === "'"
          ? `' is no quote in JSON; use "`
          : visible(character) !== character
            ? `${visible(character)}, which looks like nothing or a blank, is not expected here`
            : `${JSON.stringify(character)} is not expected here`;
  return `line ${line}, column ${column}: ${what}`;
}

/** The offset of the first character that no part of JSON begins with, strings skipped; undefined when all do. */
function strayOffset(text: string): number | undefined {
  const token = /[ \t\n\r{}[\],:]+|-?\d[\d.eE+-]*|true|false|null/y;
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end;
      continue;
    }
    token.lastIndex = at;
    if (!token.test(text)) return at;
    at = token.lastIndex;
  }
  return undefined;
}

function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += text[at] === "\\" ? 2 : 1) if (text[at] === '"') return at + 1;
  return undefined;
}

/** The parser's own words; it quotes the text around, which may hold a secret. */
function offsetOf(error: unknown): number | undefined {
  const found = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return found === undefined ? undefined : Number(found);
}

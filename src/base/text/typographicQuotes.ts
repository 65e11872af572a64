const QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2033\u2032\uff02\uff07";
const SINGLE = "\u2018\u2019\u201a\u201b\u2032\uff07";

/** What to say of a quote that a web page or a word processor put in place of a plain one. */
export function explainQuote(quote: string): string {
  return `${quote} is a typographic quote; use ${SINGLE.includes(quote) ? "'" : '"'}`;
}

export function isTypographicQuote(character: string): boolean {
  return character !== "" && QUOTES.includes(character);
}

/** The offset of the typographic quote nearest before or on the line of a fault, where it stands for a plain one. */
export function findTypographicQuote(text: string, fault: number): number | undefined {
  const start = text.lastIndexOf("\n", fault - 1) + 1;
  const end = text.indexOf("\n", fault);
  const line = text.slice(start, end === -1 ? text.length : end);
  const at = [...line.matchAll(new RegExp(`[${QUOTES}]`, "g"))].map(({ index }) => index);
  const best = at.findLast((index) => start + index <= fault) ?? at[0];
  return best === undefined ? undefined : start + best;
}

/** Whether a text stands in typographic quotes, as in “hi”: they were meant to be its quotes. */
export function isWrapped(text: string): boolean {
  return text.length > 1 && QUOTES.includes(text[0]!) && QUOTES.includes(text.at(-1)!);
}

/** The line and column of an offset, both from 1; a column is a UTF-16 unit. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

import { explainQuote, isTypographicQuote } from "./typographicQuotes.ts";
import { visible } from "./visible.ts";

/**
 * What to say of the first character that no token or key holds, and that comes along when one is copied from a page or a
 * letter: a quote, a blank that is none. Undefined where all are visible ASCII. Never repeats more than that character.
 */
export function explainStray(token: string): string | undefined {
  const found = /[^\x21-\x7e]/u.exec(token)?.[0];
  if (found === undefined) return undefined;
  if (isTypographicQuote(found)) return `${explainQuote(found)}, or none`;
  if (found === " ") return "a blank stands in it";
  const code = `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return visible(found) === found
    ? `${found} (${code}) stands in it, which no token or key holds`
    : `a character that looks like nothing or a blank (${code}) stands in it`;
}

import { visibleLine } from "./visible.ts";
import { nameTable } from "../nameTable.ts";

const REFERENCES = nameTable<string>({
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "|": "&#124;",
  "@": "&#64;",
  ":": "&#58;",
  ".": "&#46;",
  "/": "&#47;",
  "[": "&#91;",
  "`": "&#96;",
});

/**
 * A text that somebody else wrote, on one line and cut to `max` characters, with no sign that Markdown, HTML or a host of
 * Markdown would read as theirs: bare addresses and names neither.
 */
export function inlineMarkdown(text: string, max = 300): string {
  return visibleLine(text, max)
    .replace(/[\\`*_{}[\]<>|~#!&$@]|:(?=\/\/)|\/(?=\/)|(?<=\bwww)\./gi, (sign) =>
      sign === "[" || sign === "`" ? `\\${sign}` : (REFERENCES[sign] ?? `\\${sign}`),
    )
    .replace(/^(?:[-+=]|\d+(?=[.)]))/, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`));
}

/** The same for a page that is read as it stands: what would make a link, a picture, HTML or a block is taken away, and no more. */
export function plainMarkdown(text: string, max = 300): string {
  return visibleLine(text, max)
    .replace(/[<[@]|:(?=\/\/)|\/(?=\/)|(?<=\bwww)\.|`(?=`)/gi, (sign) => REFERENCES[sign]!)
    .replace(/^(?:[-+=#>~|*_]|\d+(?=[.)]))/, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`));
}

/** A whole text, in a fence longer than any that stands in it. */
export function fencedMarkdown(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

import { answerParts } from "../answerParts.ts";
import type { Part } from "../channel.ts";
import { cutStretches, type Stretch } from "../styledText.ts";
import { isPlainBlock, toMarkdown } from "./toMarkdown.ts";

/** As it is written, with all marks, in UTF-16 units. */
export const MAX_CONTENT = 2000;
// A block of code that fills a message reads better as a file.
const MAX_BLOCK = 1800;
// More than so many messages in a row is a flood: the rest is a file.
const MOST_PARTS = 6;
// As it is written, and with its files, it may be more.
const MOST_WRITTEN = 10;
const HEAD = 1500;
// Discord takes no message in which nothing can be seen.
const NOTHING = /^[\s\u200b-\u200f\u2060\ufeff]*$/;

/** An answer as messages of Discord: long code and long answers as files. Nothing for an answer of blanks. */
export function cutForDiscord(text: string): Part[] {
  return answerParts(text, {
    maxChars: MAX_CONTENT * MOST_PARTS,
    mostParts: MOST_WRITTEN,
    headChars: HEAD,
    isShown: (block) => block.length <= MAX_BLOCK && isPlainBlock(block),
    toTexts: (stretches) => toTexts(stretches),
  });
}

function toTexts(stretches: Stretch[], max = MAX_CONTENT): Part[] {
  return cutStretches(stretches, max).flatMap((cut): Part[] => {
    const part = onLinesOfTheirOwn(cut.map(withoutBlankEnds).filter((one) => one.text !== ""));
    const text = part.map((one) => one.text).join("");
    const marked = toMarkdown(part);
    if (NOTHING.test(marked)) return [];
    if (marked.length <= MAX_CONTENT) return [{ kind: "text", text, marked }];
    // Cut as it is read, it is longer as it is written: into somewhat shorter ones, as often as it takes.
    return toTexts(part, Math.max(Math.floor(Math.min(text.length, max) * 0.8), 1));
  });
}

/** Blocks begin a line: one behind a quote's words would be read as more of the quote, which ends with its line. */
function onLinesOfTheirOwn(stretches: Stretch[]): Stretch[] {
  return stretches.flatMap((stretch, at) => {
    const before = stretches[at - 1]?.text ?? "\n";
    return isBlock(stretch) && !before.endsWith("\n") ? [{ text: "\n", styles: [] }, stretch] : [stretch];
  });
}

function isBlock({ styles }: Stretch): boolean {
  return styles.some(({ is }) => is === "block");
}

/** Discord shows no empty lines at the ends of a block. */
function withoutBlankEnds(stretch: Stretch): Stretch {
  if (!isBlock(stretch)) return stretch;
  const { text } = stretch;
  let [from, to] = [0, text.length];
  while (text[from] === "\n") from++;
  while (to > from && text[to - 1] === "\n") to--;
  return { ...stretch, text: text.slice(from, to) };
}

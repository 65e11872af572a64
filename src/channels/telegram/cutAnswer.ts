import { answerParts } from "../answerParts.ts";
import type { Part } from "../channel.ts";
import { cutStretches, type Stretch } from "../styledText.ts";
import { toHtml } from "./toHtml.ts";

/** In UTF-16 units, after its entities were read. */
export const MAX_TEXT = 4096;
// A block of code that fills a message reads better as a file.
const MAX_BLOCK = 3500;
// More than so many messages in a row is a flood: the rest is a file.
const MOST_PARTS = 5;
// Its blocks of code may be files, and many.
const MOST_WRITTEN = 10;
const HEAD = 3000;

/** An answer as messages of Telegram: long code and long answers as files. Nothing for an answer of blanks. */
export function cutAnswer(text: string): Part[] {
  return answerParts(text, {
    maxChars: MAX_TEXT * MOST_PARTS,
    mostParts: MOST_WRITTEN,
    headChars: HEAD,
    isShown: (block) => block.length <= MAX_BLOCK,
    toTexts,
  });
}

function toTexts(stretches: Stretch[]): Part[] {
  return cutStretches(stretches, MAX_TEXT).map((part) => ({
    kind: "text",
    text: part.map(({ text }) => text).join(""),
    marked: toHtml(part),
  }));
}

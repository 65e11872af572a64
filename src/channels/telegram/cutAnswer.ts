import { headOf } from "../../base/cutText.ts";
import type { Part } from "../channel.ts";
import { extensionOf, toFile } from "../answerFile.ts";
import { cutStretches, type Stretch, toStretches } from "../styledText.ts";
import { toHtml } from "./toHtml.ts";

/** In UTF-16 units, after its entities were read. */
export const MAX_TEXT = 4096;
// A block of code that fills a message reads better as a file.
const MAX_BLOCK = 3500;
// More than so many messages in a row is a flood: the rest is a file.
const MOST_PARTS = 5;
const HEAD = 3000;

/** An answer as messages of Telegram: long code and long answers as files. Nothing for an answer of blanks. */
export function cutAnswer(text: string): Part[] {
  if (text.length > MAX_TEXT * MOST_PARTS) {
    const head = `${headOf(text, HEAD)}…`;
    return [...toTexts(toStretches(head)), toFile("answer.md", "text/markdown", text, "The whole answer")];
  }
  let group: Stretch[] = [];
  const parts: Part[] = [];
  let files = 0;
  for (const stretch of toStretches(text)) {
    const style = stretch.styles.find(({ is }) => is === "block");
    if (style?.is !== "block" || stretch.text.length <= MAX_BLOCK) {
      group.push(stretch);
      continue;
    }
    parts.push(...toTexts(group));
    group = [];
    parts.push(toFile(`code-${++files}.${extensionOf(style.language)}`, "text/plain", stretch.text));
  }
  return [...parts, ...toTexts(group)];
}

function toTexts(stretches: Stretch[]): Part[] {
  return cutStretches(stretches, MAX_TEXT).map((part) => ({
    kind: "text",
    text: part.map(({ text }) => text).join(""),
    marked: toHtml(part),
  }));
}

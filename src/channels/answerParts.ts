import { headOf } from "../base/cutText.ts";
import { extensionOf, toFile, wholeAnswer } from "./answerFile.ts";
import type { Part } from "./channel.ts";
import { type Stretch, toStretches } from "./styledText.ts";

/** How much of an answer a network shows in messages. */
export interface AnswerShape {
  /** A longer answer is a file, in UTF-16 units: more messages in a row than that are a flood. */
  maxChars: number;
  /** And one of more messages and files than that. */
  mostParts: number;
  /** How much of such a one is told before its file. */
  headChars: number;
  /** Whether a block of code is shown in a message; else it is a file. */
  isShown(block: string): boolean;
  toTexts(stretches: Stretch[]): Part[];
}

/** An answer as messages: long code and long answers as files. Nothing for an answer of blanks. */
export function answerParts(answer: string, shape: AnswerShape): Part[] {
  // Half a letter no network takes.
  const text = answer.toWellFormed();
  const parts = text.length > shape.maxChars ? undefined : partsOf(text, shape);
  if (parts && parts.length <= shape.mostParts) return parts;
  const head = shape.toTexts(toStretches(`${headOf(text, shape.headChars)}…`));
  return [...head, wholeAnswer(text)];
}

function partsOf(text: string, { isShown, toTexts }: AnswerShape): Part[] {
  let group: Stretch[] = [];
  const parts: Part[] = [];
  let files = 0;
  for (const stretch of toStretches(text)) {
    const style = stretch.styles.find(({ is }) => is === "block");
    if (style?.is !== "block" || isShown(stretch.text)) {
      group.push(stretch);
      continue;
    }
    parts.push(...toTexts(group));
    group = [];
    parts.push(toFile(`code-${++files}.${extensionOf(style.language)}`, "text/plain", stretch.text));
  }
  return [...parts, ...toTexts(group)];
}

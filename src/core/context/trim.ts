import type { StoredMessage, ToolMessage } from "../../protocol/message.ts";
import { estimateTokens } from "../models/estimate.ts";
import { oncePer } from "../../base/oncePer.ts";
import { headOf, tailOf } from "../../base/cutText.ts";

const HEAD_CHARS = 1000;
const TAIL_CHARS = 300;
const LONG_CHARS = 2000;
// How much of the window the newest messages may take before older output is shortened.
const KEEP_SHARE = 0.25;
// After an overflow the model's window is smaller than it was thought to be.
const KEEP_TOKENS_AFTER_OVERFLOW = 8_000;
// Each step costs what was cached of the prefix, so it has to be worth it.
const MIN_SAVED_SHARE = 0.05;

/** Whether, and up to where, long tool output is to be shortened; undefined when too little would be gained. */
export function planTrim(
  messages: StoredMessage[],
  windowTokens: number,
  overflowed: boolean,
): { beforeSeq: number; savedTokens: number } | undefined {
  const keepTokens = Math.min(windowTokens * KEEP_SHARE, overflowed ? KEEP_TOKENS_AFTER_OVERFLOW : Infinity);
  let tokens = 0;
  let index = messages.length;
  while (index > 0) {
    tokens += estimateTokens([messages[index - 1]!]);
    if (tokens > keepTokens) break;
    index -= 1;
  }
  const older = messages.slice(0, index);
  const savedTokens = estimateTokens(older) - estimateTokens(trimBefore(older, Infinity));
  if (savedTokens <= 0 || (!overflowed && savedTokens < windowTokens * MIN_SAVED_SHARE)) return undefined;
  return { beforeSeq: older.at(-1)!.seq + 1, savedTokens };
}

/** The messages with long tool output before this seq shortened. The same for the same seq, so that it can be cached. */
export function trimBefore(messages: StoredMessage[], seq: number): StoredMessage[] {
  return messages.map((message) => (message.role === "tool" && message.seq < seq ? shorten(message) : message));
}

// The same each time, as what was made of it is then still good.
const shorten = oncePer((message: StoredMessage & ToolMessage): StoredMessage => {
  const { images, ...rest } = message;
  const gone = images ? `\n[${images.length} images are no longer shown]` : "";
  const { text } = message;
  if (text.length <= LONG_CHARS) return images ? { ...rest, text: text + gone } : message;
  const left = text.length - HEAD_CHARS - TAIL_CHARS;
  const short = `${headOf(text, HEAD_CHARS)}\n[${left} characters of this older output are no longer shown; call the tool again if you need them]\n${tailOf(text, TAIL_CHARS)}`;
  return { ...rest, text: short + gone };
});

import { oncePer, sharedLength } from "../../base/oncePer.ts";
import type { Attachment, Message } from "../../protocol/message.ts";
import type { Usage } from "../../protocol/usage.ts";
import type { ModelRequest } from "../ports/provider.ts";
import { NO_USAGE } from "./usageSum.ts";

const CHARS_PER_TOKEN = 4;
// What vendors bill for an image of the size they scale to.
const IMAGE_TOKENS = 1600;
const FRAME_CHARS = 16;
// The least to expect of an answer: how long it gets is not known before.
const ANSWER_TOKENS = 500;

// Fewer are sized anew each time.
const FEWEST = 64;
// By the first of them: what many messages took when they were last sized.
const sized = new WeakMap<Message, { messages: Message[]; tokens: number }>();

/**
 * About four characters a token: good enough to decide when to make room, to wait or to stop. Of a history that was sized
 * before only what is new in it is looked at.
 */
export function estimateTokens(messages: Message[]): number {
  const first = messages[0];
  if (!first || messages.length < FEWEST) return sumOf(messages, 0);
  const before = sized.get(first) ?? { messages: [], tokens: 0 };
  const same = sharedLength(before.messages, messages);
  const tokens = before.tokens - sumOf(before.messages, same) + sumOf(messages, same);
  const changes = before.messages.length + messages.length - 2 * same;
  if (changes >= FEWEST) sized.set(first, { messages: [...messages], tokens });
  return tokens;
}

function sumOf(messages: Message[], from: number): number {
  let sum = 0;
  for (let at = from; at < messages.length; at += 1) sum += sizeOf(messages[at]!);
  return sum;
}

/** What a request will use at the least, as if nothing of it were cached. `costUsd` is null. */
export function estimateRequest({ system, tools, messages }: ModelRequest): Usage {
  const prefix = Math.ceil((system.length + lengthOf(tools)) / CHARS_PER_TOKEN);
  const inputTokens = prefix + estimateTokens(messages);
  return { ...NO_USAGE, inputTokens, outputTokens: ANSWER_TOKENS, costUsd: null };
}

// Asked for several times a turn, of tools that stay the same from turn to turn.
const lengthOf = oncePer((tools: ModelRequest["tools"]) => JSON.stringify(tools).length);

function sizeOf(message: Message): number {
  const chars = message.text.length + FRAME_CHARS;
  if (message.role === "assistant") {
    const { toolCalls } = message;
    return Math.ceil((chars + (toolCalls.length === 0 ? 2 : JSON.stringify(toolCalls).length)) / CHARS_PER_TOKEN);
  }
  const attachments =
    message.role === "user" ? message.attachments : message.role === "tool" ? message.images : undefined;
  return attachments ? sizeWith(chars, attachments) : Math.ceil(chars / CHARS_PER_TOKEN);
}

function sizeWith(textChars: number, attachments: Attachment[]): number {
  let chars = textChars;
  let images = 0;
  for (const { mediaType, data } of attachments) {
    if (mediaType.startsWith("image/")) images += 1;
    else chars += data.length;
  }
  return Math.ceil(chars / CHARS_PER_TOKEN) + images * IMAGE_TOKENS;
}

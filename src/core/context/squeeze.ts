import type { AssistantMessage, Attachment, Message } from "../../protocol/message.ts";
import { cutMiddle } from "../../base/cutText.ts";
import { estimateTokens } from "../models/estimate.ts";

const CHARS_PER_TOKEN = 4;
// What is left of a message that was cut says at least what it was about.
const MIN_CHARS = 200;
// The newest message may take this much of the room, the one before it as much of what is left then, and so on.
const SHARE = 0.6;

/**
 * The newest messages, made to fit into so many tokens: long texts lose their middle, and what is older than the rest
 * that fits is left out. The last resort, where shortening output and summarising were not enough.
 */
export function squeeze(messages: Message[], tokens: number): Message[] {
  if (estimateTokens(messages) <= tokens) return messages;
  const kept: Message[] = [];
  let left = tokens;
  for (const message of messages.toReversed()) {
    const room = Math.floor(left * SHARE);
    const fitted = estimateTokens([message]) <= room ? message : cut(message, room);
    const size = estimateTokens([fitted]);
    if (kept.length > 0 && size > left) break;
    kept.unshift(fitted);
    left -= size;
    if (left * SHARE < MIN_CHARS / CHARS_PER_TOKEN) break;
  }
  // A result whose call is left out says nothing.
  while (kept.length > 1 && kept[0]!.role === "tool") kept.shift();
  return kept;
}

function cut(message: Message, tokens: number): Message {
  const chars = Math.max(MIN_CHARS, tokens * CHARS_PER_TOKEN - 64);
  if (message.role === "user") {
    const { attachments = [], ...rest } = message;
    const share = chars / (attachments.length + 1);
    const shown = attachments.map((attachment) => toText(attachment, share));
    return { ...rest, text: [...shown, middleOut(rest.text, share)].filter(Boolean).join("\n\n") };
  }
  if (message.role === "tool") {
    const { images = [], ...rest } = message;
    const gone = images.map(({ name }) => `[The image ${name} is left out here]`);
    return { ...rest, text: [middleOut(rest.text, chars), ...gone].join("\n") };
  }
  return message.role === "assistant"
    ? cutAnswer(message, chars)
    : { ...message, text: middleOut(message.text, chars) };
}

function toText({ name, mediaType, data }: Attachment, chars: number): string {
  if (/^(image|audio|video)\/|pdf|zip|octet/.test(mediaType)) return `[The file ${name} is left out here]`;
  return `[File ${name}]\n${middleOut(data, chars)}`;
}

/** Its provider's own form would bring all of it back, so it goes. */
function cutAnswer({ native: _native, thinking: _thinking, ...message }: AssistantMessage, chars: number): Message {
  const share = chars / (message.toolCalls.length + 1);
  return {
    ...message,
    text: middleOut(message.text, share),
    toolCalls: message.toolCalls.map((call) => ({ ...call, input: cutInput(call.input, share) })),
  };
}

function cutInput(input: unknown, chars: number): unknown {
  if (JSON.stringify(input).length <= chars) return input;
  if (typeof input !== "object" || input === null) return middleOut(String(input), chars);
  const entries = Object.entries(input);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return [key, middleOut(text ?? "", chars / entries.length)];
    }),
  );
}

function middleOut(text: string, chars: number): string {
  return cutMiddle(text, Math.max(MIN_CHARS / 2, Math.floor(chars)));
}

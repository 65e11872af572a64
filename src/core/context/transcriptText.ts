import type { Attachment, Message } from "../../protocol/message.ts";
import { isTextType } from "../../base/attachments/mediaType.ts";
import { cutMiddle, headOf, tailOf } from "../../base/cutText.ts";

const MAX_RESULT_CHARS = 2000;
const MAX_INPUT_CHARS = 1000;
const MAX_FILE_CHARS = 4000;
const CHARS_PER_TOKEN = 4;
// Shorter than this a message says nothing, so that the middle of the history is left out instead.
const LEAST_CHARS = 200;

/**
 * A history as one text. Where it is longer than `maxTokens`, the longest messages lose their middle; where that is not
 * enough, the history does: what was wanted stays, and what came last.
 */
export function toTranscript(messages: Message[], maxTokens: number): string {
  const entries = messages.map(toEntry);
  const maxChars = Math.floor(maxTokens * CHARS_PER_TOKEN);
  const most = fairShare(
    entries.map(({ length }) => length + SEPARATOR.length),
    maxChars,
  );
  const text = entries.map((entry) => cutMiddle(entry, Math.max(most - SEPARATOR.length, LEAST_CHARS))).join(SEPARATOR);
  if (text.length <= maxChars) return text;
  const head = Math.floor(maxChars / 4);
  const left = text.length - maxChars;
  return `${headOf(text, head)}\n\n[${left} characters are left out here]\n\n${tailOf(text, maxChars - head)}`;
}

const SEPARATOR = "\n\n";

/** What each may take at the most, so that all take no more than `total`; Infinity when they fit as they are. */
function fairShare(lengths: number[], total: number): number {
  let left = total;
  for (const [index, length] of lengths.toSorted((a, b) => a - b).entries()) {
    const share = left / (lengths.length - index);
    if (length > share) return Math.floor(share);
    left -= length;
  }
  return Infinity;
}

function toEntry(message: Message): string {
  if (message.role === "tool") {
    const images = (message.images ?? []).map(toFile);
    return [`[result of ${message.name}] ${cutMiddle(message.text, MAX_RESULT_CHARS)}`, ...images].join("\n");
  }
  if (message.role === "user") return [`[user] ${message.text}`, ...(message.attachments ?? []).map(toFile)].join("\n");
  if (message.role !== "assistant") return `[${message.role}] ${message.text}`;
  const calls = message.toolCalls.map(
    (call) => `\n[call] ${call.name} ${cutMiddle(JSON.stringify(call.input) ?? "", MAX_INPUT_CHARS)}`,
  );
  return `[assistant] ${message.text}${calls.join("")}`;
}

/** Text as it is; of anything else that it was there, under its name. */
function toFile({ name, mediaType, data }: Attachment): string {
  if (isTextType(mediaType)) return `[attached file ${name}]\n${cutMiddle(data, MAX_FILE_CHARS)}\n[end of ${name}]`;
  const kind = mediaType.startsWith("image/") ? "image" : "file";
  return `[attached ${kind} ${name} (${mediaType}), whose content is not in this text]`;
}

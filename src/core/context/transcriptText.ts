import type { Message } from "../../protocol/message.ts";
import { headOf, tailOf } from "../../base/cutText.ts";

const MAX_RESULT_CHARS = 2000;
const MAX_INPUT_CHARS = 1000;
const CHARS_PER_TOKEN = 4;

/** A history as one text. Where it is longer than `maxTokens`, its middle is left out: what was wanted stays, and what came last. */
export function toTranscript(messages: Message[], maxTokens: number): string {
  const text = messages.map(toEntry).join("\n\n");
  const maxChars = Math.floor(maxTokens * CHARS_PER_TOKEN);
  if (text.length <= maxChars) return text;
  const head = Math.floor(maxChars / 4);
  const left = text.length - maxChars;
  return `${headOf(text, head)}\n\n[${left} characters are left out here]\n\n${tailOf(text, maxChars - head)}`;
}

function toEntry(message: Message): string {
  if (message.role === "tool") return `[result of ${message.name}] ${headOf(message.text, MAX_RESULT_CHARS)}`;
  if (message.role !== "assistant") return `[${message.role}] ${message.text}`;
  const calls = message.toolCalls.map(
    (call) => `\n[call] ${call.name} ${headOf(JSON.stringify(call.input) ?? "", MAX_INPUT_CHARS)}`,
  );
  return `[assistant] ${message.text}${calls.join("")}`;
}

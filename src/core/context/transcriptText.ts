import type { Message } from "../../protocol/message.ts";

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
  return `${text.slice(0, head)}\n\n[${left} characters are left out here]\n\n${text.slice(text.length - (maxChars - head))}`;
}

function toEntry(message: Message): string {
  if (message.role === "tool") return `[result of ${message.name}] ${message.text.slice(0, MAX_RESULT_CHARS)}`;
  if (message.role !== "assistant") return `[${message.role}] ${message.text}`;
  const calls = message.toolCalls.map(
    (call) => `\n[call] ${call.name} ${JSON.stringify(call.input)?.slice(0, MAX_INPUT_CHARS)}`,
  );
  return `[assistant] ${message.text}${calls.join("")}`;
}

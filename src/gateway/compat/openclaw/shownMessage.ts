import type { StoredMessage } from "../../../protocol/message.ts";

/** A message as OpenClaw's history shows it. */
export function shownMessage(message: StoredMessage): object {
  const timestamp = Date.parse(message.createdAt);
  const text = { type: "text", text: message.text };
  if (message.role === "tool") {
    const { callId, name, isError } = message;
    return { role: "toolResult", toolCallId: callId, toolName: name, content: [text], isError, timestamp };
  }
  if (message.role !== "assistant") return { role: message.role, content: message.text, timestamp };
  const [provider, ...name] = message.model.split("/");
  const calls = message.toolCalls.map(({ id, name: called, input }) => ({
    type: "toolCall",
    id,
    name: called,
    arguments: input,
  }));
  return {
    role: "assistant",
    content: [...(message.text === "" ? [] : [text]), ...calls],
    provider,
    model: name.join("/"),
    stopReason: calls.length > 0 ? "toolUse" : "stop",
    timestamp,
  };
}

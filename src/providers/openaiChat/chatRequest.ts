import type OpenAI from "openai";
import type { ModelRequest } from "../../core/ports/provider.ts";
import { type AssistantTurn, inputOf, isImage, notShown, toExchanges, type UserPart } from "../shared/exchanges.ts";
import { toDataUrl } from "../openai/openaiRequest.ts";

type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming;
type ChatMessage = OpenAI.Chat.ChatCompletionMessageParam;
type Part = OpenAI.Chat.ChatCompletionContentPart;

/** A request in the words of the chat completions API, as its many imitations take it. */
export function toChatRequest(request: ModelRequest): Params {
  const system: ChatMessage[] = request.system ? [{ role: "system", content: request.system }] : [];
  const rest = toExchanges(request.messages).flatMap((exchange): ChatMessage[] =>
    exchange.role === "user" ? [{ role: "user", content: toContent(exchange.parts) }] : toMessages(exchange),
  );
  return {
    model: request.model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [...system, ...rest],
    ...(request.tools.length > 0 ? { tools: request.tools.map(toTool) } : {}),
    ...(request.maxOutputTokens ? { max_tokens: request.maxOutputTokens } : {}),
  };
}

function toTool(tool: ModelRequest["tools"][number]): OpenAI.Chat.ChatCompletionTool {
  return {
    type: "function",
    function: { name: tool.name, description: tool.description, parameters: { type: "object", ...tool.inputSchema } },
  };
}

// Small servers know plain strings better than lists of parts.
function toContent(parts: UserPart[]): string | Part[] {
  if (parts.every((part) => part.type === "text")) return parts.map((part) => part.text).join("\n\n");
  return parts.map((part): Part => {
    if (part.type === "text") return { type: "text", text: part.text };
    if (!isImage(part.attachment)) return { type: "text", text: notShown(part.attachment) };
    return { type: "image_url", image_url: { url: toDataUrl(part.attachment) } };
  });
}

function toMessages({ message, results }: AssistantTurn): ChatMessage[] {
  const calls = message.toolCalls.map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: JSON.stringify(inputOf(call)) },
  }));
  const answer: ChatMessage = {
    role: "assistant",
    content: message.text || null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const outputs = results.map((result): ChatMessage => ({
    role: "tool",
    tool_call_id: result.callId,
    content: result.isError ? `Error: ${result.text}` : result.text,
  }));
  // Tool messages are text only there, so images come as the user's.
  const images = results.flatMap((result) => (result.images ?? []).filter(isImage));
  const shown: ChatMessage[] =
    images.length > 0
      ? [{ role: "user", content: toContent(images.map((attachment) => ({ type: "attachment", attachment }))) }]
      : [];
  return [answer, ...outputs, ...shown];
}

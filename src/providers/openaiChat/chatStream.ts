import type OpenAI from "openai";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";
import { newId } from "../../base/id.ts";
import { parseInput } from "../shared/toolInput.ts";

interface OpenCall {
  id: string | undefined;
  name: string;
  json: string;
}

/** Fields that servers add: DeepSeek, vLLM and LM Studio say reasoning_content; Ollama and OpenRouter say reasoning. */
type Delta = OpenAI.Chat.ChatCompletionChunk.Choice.Delta & {
  reasoning_content?: string | null;
  reasoning?: string | null;
};

/** Reads the chunks of one chat completion. Calls are complete only at the end. */
export class ChatAnswer {
  finish: string | undefined;
  #usage: OpenAI.CompletionUsage | undefined;
  readonly #calls: OpenCall[] = [];
  readonly #slots = new Map<number, OpenCall>();

  *read(chunk: OpenAI.Chat.ChatCompletionChunk): Generator<ModelEvent> {
    if (chunk.usage) this.#usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    const delta = (choice.delta ?? {}) as Delta;
    const thinking = delta.reasoning_content ?? delta.reasoning;
    if (thinking) yield { type: "thinking", text: thinking };
    if (delta.content) yield { type: "text", text: delta.content };
    if (delta.refusal) yield { type: "text", text: delta.refusal };
    for (const part of delta.tool_calls ?? []) this.#collect(part);
    if (choice.finish_reason) this.finish = choice.finish_reason;
  }

  *close(): Generator<ModelEvent> {
    for (const call of this.#calls) {
      const { input, invalid } = parseInput(call.json);
      yield {
        type: "toolCall",
        id: call.id || newId("call"),
        name: call.name,
        input,
        ...(invalid === undefined ? {} : { invalid }),
      };
    }
    yield { type: "end", usage: toUsage(this.#usage), stop: this.#stop() };
  }

  #collect(part: OpenAI.Chat.ChatCompletionChunk.Choice.Delta.ToolCall): void {
    const slot = part.index ?? 0;
    let call = this.#slots.get(slot);
    // Some servers send whole calls, every one of them with index 0.
    if (!call || (part.id && call.id && part.id !== call.id)) {
      call = { id: part.id, name: "", json: "" };
      this.#slots.set(slot, call);
      this.#calls.push(call);
    }
    call.id ??= part.id;
    call.name ||= part.function?.name ?? "";
    call.json += part.function?.arguments ?? "";
  }

  #stop(): StopReason {
    if (this.finish === "length") return "length";
    if (this.finish === "content_filter") return "refused";
    return this.#calls.length > 0 ? "tool_calls" : "done";
  }
}

/** Cached tokens are part of the prompt there, and reasoning is part of the completion. */
function toUsage(usage: OpenAI.CompletionUsage | undefined): Usage {
  const cacheReadTokens = usage?.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWriteTokens = usage?.prompt_tokens_details?.cache_write_tokens ?? 0;
  return {
    inputTokens: Math.max(0, (usage?.prompt_tokens ?? 0) - cacheReadTokens - cacheWriteTokens),
    outputTokens: usage?.completion_tokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
    costUsd: null,
  };
}

import type OpenAI from "openai";
import type { ModelEvent, StopReason } from "../../core/ports/provider.ts";
import type { Usage } from "../../protocol/usage.ts";
import { toldError } from "../shared/providerError.ts";
import { parseInput } from "../shared/toolInput.ts";

/** Reads the events of one answer of the Responses API: tells them as they come, and keeps the items for a replay. */
export class OpenaiAnswer {
  end: ModelEvent | undefined;
  readonly #items: OpenAI.Responses.ResponseOutputItem[] = [];
  #called = false;
  #refused = false;

  *read(event: OpenAI.Responses.ResponseStreamEvent): Generator<ModelEvent> {
    if (event.type === "response.output_text.delta") yield { type: "text", text: event.delta };
    else if (event.type === "response.refusal.delta") {
      this.#refused = true;
      yield { type: "text", text: event.delta };
    } else if (
      event.type === "response.reasoning_summary_text.delta" ||
      event.type === "response.reasoning_text.delta"
    ) {
      yield { type: "thinking", text: event.delta };
    } else if (event.type === "response.reasoning_summary_part.added" && event.summary_index > 0) {
      yield { type: "thinking", text: "\n\n" };
    } else if (event.type === "response.output_item.done") yield* this.#item(event.item);
    else if (event.type === "response.completed" || event.type === "response.incomplete") {
      const stop = this.#stop(event.response.incomplete_details?.reason);
      this.end = { type: "end", usage: toUsage(event.response.usage), stop, native: this.#items };
    } else if (event.type === "response.failed")
      throw toldError(event.response.error ?? { message: "The response failed" });
    else if (event.type === "error") throw toldError(event);
  }

  *#item(item: OpenAI.Responses.ResponseOutputItem): Generator<ModelEvent> {
    this.#items.push(item);
    if (item.type !== "function_call") return;
    this.#called = true;
    const { input, invalid } = parseInput(item.arguments);
    yield { type: "toolCall", id: item.call_id, name: item.name, input, ...(invalid === undefined ? {} : { invalid }) };
  }

  #stop(incomplete: string | undefined): StopReason {
    if (incomplete === "content_filter" || this.#refused) return "refused";
    if (incomplete) return "length";
    return this.#called ? "tool_calls" : "done";
  }
}

/** Cached tokens are part of the input there, and reasoning is part of the output. */
function toUsage(usage: OpenAI.Responses.ResponseUsage | null | undefined): Usage {
  const cacheReadTokens = usage?.input_tokens_details?.cached_tokens ?? 0;
  const cacheWriteTokens = usage?.input_tokens_details?.cache_write_tokens ?? 0;
  return {
    inputTokens: Math.max(0, (usage?.input_tokens ?? 0) - cacheReadTokens - cacheWriteTokens),
    outputTokens: usage?.output_tokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
    costUsd: null,
  };
}
